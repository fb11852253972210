// How a table is written, found out from its text: what separates the columns, whether the first line names them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ntkc/table_file.hpp"

namespace ntkc::data {

struct TableLayout {
  char separator = ',';
  bool header = true;
  /// The header has a field less than the rows: the first column are the names of the rows (R's write.table).
  bool row_names = false;
  /// The first line states counts and classes and names no column: "150,4,setosa,versicolor,virginica" (the files
  /// that scikit-learn ships). A header may follow.
  bool counts = false;
  std::vector<std::string> class_names;  ///< of the last column, if the counts name them
};

/// Looks at the first records. Throws InputError where two readings are as good as one another, and says which
/// option decides.
TableLayout detect_layout(std::string_view text, const std::string& name, const TableOptions& options);

/// Whether the lines are "label index:value index:value …" (LIBSVM, SVMlight).
bool looks_like_libsvm(std::string_view text);

/// "semicolons", "tabs"
std::string_view separator_name(char separator);

}  // namespace ntkc::data
