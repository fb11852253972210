#pragma once

namespace ntkc::tests {

/// AddressSanitizer keeps what is freed for a while (256 MiB), so that limits on memory say nothing with it.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool has_address_sanitizer = true;
#else
inline constexpr bool has_address_sanitizer = false;
#endif

}  // namespace ntkc::tests
