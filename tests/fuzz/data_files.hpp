// What every file of data must survive, whatever its bytes: the harness of the fuzzers of readers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ntkc::fuzz {

/// Reads a file of data. The first byte says what is made of the others (a file as it is, packed, in an archive, a
/// model whose checksum is put right, a Gram matrix, targets), the second one the options of tables. Throws
/// std::logic_error if what was read contradicts itself; what is refused (InputError) is fine. Returns whether it was
/// read.
bool read_data_file(std::string_view input);

/// A good input of each kind, to start from.
const std::vector<std::string>& data_file_seeds();

}  // namespace ntkc::fuzz
