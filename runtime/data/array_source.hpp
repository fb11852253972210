// Arrays from a file that is open already: whether it is one is told by its first bytes, which standard input has once.
#pragma once

#include "ntkc/array_file.hpp"
#include "runtime/data/byte_source.hpp"
#include "runtime/data/zip_archive.hpp"

namespace ntkc {

/// As read_array of a path.
NumericArray read_array(data::ByteSource& source, const data::ArchivePath& path, const ShapeCheck& check);

}  // namespace ntkc
