// BLAS inside our own threads.
#pragma once

namespace ntkc::runtime {

/// Keeps the BLAS library from starting threads inside ours. Every public entry point that calls BLAS calls
/// it first. It is a setting of the whole process: a program that also uses OpenBLAS itself sets its own
/// number again.
void use_single_threaded_blas();

}  // namespace ntkc::runtime
