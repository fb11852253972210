// Tables of aligned columns for people.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ntkc::cli {

/// Rows of cells, each column as wide as its widest cell, numbers and texts to the right, a line per row.
/// Rows may be shorter than the first.
std::string aligned(const std::vector<std::vector<std::string>>& rows);

/// The confusion matrix with its row and column heads.
std::string confusion_text(const std::vector<std::string>& classes,
                           const std::vector<std::vector<std::int64_t>>& confusion);

}  // namespace ntkc::cli
