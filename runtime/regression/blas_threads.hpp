// BLAS inside our own threads.
#pragma once

namespace ntkc::runtime {

/// Prepares BLAS to be called by so many threads of ours at once, and returns how many may: fewer if memory is short.
/// Every public entry point that calls BLAS calls it first. Throws InputError if there is no memory for one.
///
/// It keeps the library from starting threads inside ours. That is a setting of the whole process: a program that also
/// uses OpenBLAS itself sets its own number again.
int blas_threads(int threads);

}  // namespace ntkc::runtime
