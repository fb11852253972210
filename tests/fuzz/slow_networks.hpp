// Networks that are meant to take long to compile, or much memory.
#pragma once

#include <random>
#include <string>

namespace ntkc::fuzz {

/// A network of at most 64 KiB of one of the kinds that have been found to be slow: layers written out, blocks
/// that apply blocks, activations of many pieces, kinks in what has no closed form, deep repeats of expansions,
/// long lines of mistakes. How far it goes is random, too; `most` scales it, 1 for the worst.
std::string slow_network(std::mt19937& random, double most = 1);

}  // namespace ntkc::fuzz
