// One source, compiled for several instruction sets and chosen when the program is loaded.
#pragma once

// Only for plain loops over pointers: a template or an inline function of another library compiled at two
// levels in one program would be merged by the linker. Floating-point results do not depend on the clone,
// because the build neither contracts (-ffp-contract=off) nor reassociates. NOTE: off under sanitizers: the
// resolvers run before the run-time of the sanitizer is set up, and crash.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define NTKC_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define NTKC_SANITIZED 1
#endif

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(NTKC_SANITIZED)
#define NTKC_TARGET_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define NTKC_TARGET_CLONES
#endif
