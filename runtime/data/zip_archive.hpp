// The members of a ZIP archive (PKWARE's APPNOTE), as `np.savez` writes them: stored or deflated, ZIP64 or not.
#pragma once

#include <string>
#include <vector>

#include "runtime/data/byte_source.hpp"

namespace ntkc::data {

/// All members by the central directory at the end of the file. Throws InputError for what is no archive, is damaged,
/// is encrypted or split, or uses another compression. The offsets are those of the members' bytes.
std::vector<Extent> zip_members(const std::string& path);

/// Of "data.npz:x": the archive and the member. A path without a member, and one that names a file as it is, comes
/// back whole.
struct ArchivePath {
  std::string file;
  std::string member;
};
ArchivePath split_archive_path(const std::string& path);

}  // namespace ntkc::data
