// OpenBLAS without threads of its own.
//
// ntkc calls BLAS from its own threads, one each, and wants none from the library. But OpenBLAS starts a thread
// for each CPU while it is loaded, before main: threads that allocate 128 MiB each, spin if they cannot, hang the
// process when it ends, and, where no thread can be had (`ulimit -u`), make the library raise SIGINT. The number
// can only be lowered before the constructors of shared libraries run. Functions in .preinit_array run before
// them, when relocation is done, and set the two variables that the constructor looks at first.

extern "C" {
// OpenBLAS's own (driver/others/memory.c); weak, because another BLAS does not have them.
extern int blas_num_threads __attribute__((weak));
extern int blas_cpu_number __attribute__((weak));
}

namespace {

__attribute__((no_sanitize("address", "undefined"))) void ask_for_one_thread(int /*argc*/, char** /*argv*/,
                                                                             char** /*environment*/) {
  if (&blas_num_threads != nullptr) blas_num_threads = 1;
  if (&blas_cpu_number != nullptr) blas_cpu_number = 1;
}

__attribute__((section(".preinit_array"),
               used)) void (*const before_constructors)(int, char**, char**) = ask_for_one_thread;

}  // namespace
