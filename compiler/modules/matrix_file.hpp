// Matrices in files beside a network: `aggregate("adjacency.csv")`.
#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "compiler/modules/import_file.hpp"

namespace ntkc::modules {

/// Row by row.
struct MatrixFile {
  std::size_t columns = 0;
  std::vector<double> numbers;  ///< finite; a multiple of `columns`
};

/// The numbers of a file: an array of two axes in .npy or .npz, or a text with a line for each row. Its size is judged by
/// the header of an array, or by that of the file, before the numbers are read: at most `most_numbers`.
std::variant<MatrixFile, ImportError> read_matrix(const ImportFile& file, std::size_t most_numbers);

/// As a list of rows, `[[0, 1], [1, 0.5]]`: each number reads back as the same double.
std::string matrix_text(const MatrixFile& matrix);

}  // namespace ntkc::modules
