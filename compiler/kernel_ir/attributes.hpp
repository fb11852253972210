// What only some operations of the kernel IR need beside their operands.
#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>

#include "compiler/hermite/terms.hpp"
#include "compiler/kernel_ir/positions.hpp"

namespace ntkc::kernel_ir {

using RegionId = std::uint32_t;

struct Literal {
  double value = 0;
  friend bool operator==(const Literal&, const Literal&) = default;
};

struct ParameterNumber {
  std::uint32_t number = 0;
  friend bool operator==(const ParameterNumber&, const ParameterNumber&) = default;
};

struct Loop {
  RegionId body = 0;
  std::int64_t count = 1;  ///< iterations, at least 1
  friend bool operator==(const Loop&, const Loop&) = default;
};

/// loop_argument, loop_result: which of the values that the loop carries.
struct CarriedNumber {
  std::uint32_t number = 0;
  friend bool operator==(const CarriedNumber&, const CarriedNumber&) = default;
};

/// trainable: the number of the layer.
struct TrainableLayer {
  std::uint32_t number = 0;
  friend bool operator==(const TrainableLayer&, const TrainableLayer&) = default;
};

/// arcsine_ratio, arccosine_ratio: the operand is in [0, end].
struct Domain {
  double end = 0;
  friend bool operator==(const Domain&, const Domain&) = default;
};

/// hermite_series
struct Expansion {
  hermite::Terms terms;
  double remainder =
      0;  ///< stated of one scaled to 1; 0 of one that another's covers, such as its derivative
  friend bool operator==(const Expansion&, const Expansion&) = default;
};

/// hermite::Rule: gaussian_mean. Coupled: coupled, tap_product. Congruent: congruent.
using Attribute = std::variant<std::monostate, Literal, ParameterNumber, Loop, CarriedNumber, TrainableLayer,
                               Domain, Expansion, hermite::Rule, Coupled, Congruent>;
using AttributeId = std::uint32_t;
inline constexpr AttributeId no_attribute = 0;

struct AttributeHash {
  std::size_t operator()(const Attribute& attribute) const;
};

}  // namespace ntkc::kernel_ir
