// Texts for the fuzzers: random programs, most of which mean something, and changes to programs.
#pragma once

#include <random>
#include <string>
#include <string_view>

namespace ntkc::fuzz {

/// A network of random statements, with definitions, activations and loops. About half of them compile.
std::string random_program(std::mt19937& random);

/// One change: of words, of a number, of an expression for another, of whole statements, or of bytes.
std::string mutated(std::string_view text, std::mt19937& random);

/// `text` with an expression of `other` in the place of one of its own.
std::string crossed(std::string_view text, std::string_view other, std::mt19937& random);

}  // namespace ntkc::fuzz
