// How long a kernel will take, before it is computed.
#pragma once

#include <string>

#include "cli/console.hpp"
#include "ntkc/kernel_functions.hpp"

namespace ntkc::cli {

/// Operations a second of one thread, as KernelCost counts them, of a network with positions or of vectors: measured now,
/// which takes some tenths of a second.
double measured_rate(Precision precision, bool has_positions);

/// "1.3 µs", "2.5 hours", "3 years"
std::string expected_text(double seconds);

/// Notes how long so many pairs will take, where it is more than ten minutes.
void tell_expected_time(const KernelFunctions& kernel, double pairs, int threads, bool has_checkpoint,
                        Console& console);

}  // namespace ntkc::cli
