// Descriptors 0, 1 and 2, which a caller may have closed.
#pragma once

namespace ntkc::cli {

/// Without them the next file that is opened would become standard input, output or error, and notes would be
/// written into a result. A closed one is opened on /dev/null in the direction in which it is of no use: reading
/// and writing fail on it as they do on a closed one, so that no result is lost unnoticed. Comes first in main.
void reserve_standard_descriptors();

}  // namespace ntkc::cli
