// Exit codes, a contract with scripts.
#pragma once

namespace ntkc::cli::exit_code {

inline constexpr int success = 0;
inline constexpr int wrong_input = 1;  ///< whatever is found in or about a file, a value, a disk
inline constexpr int wrong_usage = 2;  ///< the command line itself, before any file is opened
inline constexpr int numerical_failure =
    3;                               ///< a matrix that is not positive definite, a result that is not finite
inline constexpr int undecided = 4;  ///< `verify`: too few draws to tell whether anything is wrong
inline constexpr int internal_error = 70;
inline constexpr int signal_base =
    128;  ///< plus the signal: 130 after Ctrl-C, 141 if the reader of a pipe ended

}  // namespace ntkc::cli::exit_code
