// Small networks and data sets for the command line to work on.
#pragma once

#include <string>
#include <vector>

#include "tests/data/support.hpp"

namespace ntkc::tests {

/// dense → relu → dense on vector(`size`), with a parameter `w`.
std::string network_text(int size);

/// A CSV table of `rows` rows: features a, b, c and a column `kind` of three classes that are far apart,
/// drawn with this seed.
std::string table_text(int rows, unsigned seed);

/// rows × columns doubles as .npy.
std::string npy_of(const std::vector<double>& values, int rows, int columns);
std::string random_npy(int rows, int columns, unsigned seed);

}  // namespace ntkc::tests
