// What printer, parser and verifier agree on about names in the text form of the kernel IR. Internal to this
// folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::kernel_ir::text_form {

/// The name of a value tells what it is: letters for its kind, then a number.
struct Kind {
  Type type = Type::real;
  Dependence dependence = Dependence::constant;
  friend bool operator==(const Kind&, const Kind&) = default;
};

struct Prefix {
  std::string_view letters;
  Kind kind;
};

inline constexpr Prefix prefixes[] = {
    {"k", {Type::real, Dependence::constant}},
    {"q", {Type::covariance, Dependence::sample}},
    {"Q", {Type::covariance, Dependence::sample}},  // over pairs of positions
    {"c", {Type::covariance, Dependence::pair}},
    {"s", {Type::real, Dependence::sample}},
    {"t", {Type::real, Dependence::pair}},
    {"d", {Type::real, Dependence::pair}},  // derivative of a dual
    {"a", {Type::series, Dependence::sample}},
    {"complement", {Type::real, Dependence::pair}},
    {"cocomplement", {Type::real, Dependence::pair}},  // input complements
};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
constexpr bool continues_name(char c) { return starts_name(c) || is_digit(c); }

constexpr bool is_name(std::string_view text) {
  if (text.empty() || !starts_name(text[0])) return false;
  for (const char c : text) {
    if (!continues_name(c)) return false;
  }
  return true;
}

/// The kind of the values called so; nullopt for what does not look like the name of a value.
constexpr std::optional<Kind> kind_of_name(std::string_view name) {
  for (const Prefix& prefix : prefixes) {
    if (name.size() <= prefix.letters.size() || !name.starts_with(prefix.letters)) continue;
    bool digits = true;
    for (std::size_t i = prefix.letters.size(); i < name.size(); ++i) digits = digits && is_digit(name[i]);
    if (digits) return prefix.kind;
  }
  return std::nullopt;
}

/// The self covariance that a carried covariance has unless it says another: of c1, Q1 if it is carried too,
/// otherwise q1; of Q1, q1.
template <typename IsCarried>
std::string implied_self(std::string_view name, IsCarried is_carried) {
  const std::string number(name.substr(1));
  return name[0] == 'c' && is_carried("Q" + number) ? "Q" + number : "q" + number;
}

/// Words that begin a statement and so cannot name a root.
constexpr bool is_statement_word(std::string_view word) { return word == "loop" || word == "next"; }

/// The definition of an input node in a space: |x|^2/3, x[p].x'[p']/3, (1 - cos(x, x'))/2.
std::string input_text(Operation operation, Space space, std::int64_t input_size);
struct InputOperation {
  Operation operation;
  Kind kind;
};
inline constexpr InputOperation input_operations[] = {
    {Operation::input_self, {Type::covariance, Dependence::sample}},
    {Operation::input_cross, {Type::covariance, Dependence::pair}},
    {Operation::input_square, {Type::real, Dependence::sample}},
    {Operation::input_complement, {Type::real, Dependence::pair}},
    {Operation::input_cocomplement, {Type::real, Dependence::pair}},
    {Operation::input_self_complement, {Type::real, Dependence::sample}},
    {Operation::input_self_cocomplement, {Type::real, Dependence::sample}},
};
inline constexpr std::string_view space_names[] = {"point", "diagonal", "full"};
/// 32 x 32
std::string extents_text(const Extents& extents);
/// full 32 x 32; point
std::string place_text(const Program& program, const Place& place);
/// What a map reads, after the semicolon of its call: "3 stride 2 low 0 high 1, 3", "matrix 2 [0 0.5, 1 0.5]".
std::string map_text(const Coupled& map);
std::string map_text(const Congruent& map);

/// Operations that are written as a call with their name.
constexpr bool is_call(Operation operation) {
  using elementary::Use;
  switch (operation) {
    case Operation::identity:
    case Operation::self_identity:
    case Operation::dropout:
    case Operation::with_loss:
    case Operation::broadcast:
    case Operation::diagonal:
    case Operation::coupled:
    case Operation::congruent:
    case Operation::tap_product:
    case Operation::scaled:
    case Operation::separate:
    case Operation::series_product:
    case Operation::series_slope:
    case Operation::series_distance:
    case Operation::series_step:
    case Operation::series_derivative:
    case Operation::sparse_product:
    case Operation::sparse_deficit:
    case Operation::series_square:
      return true;
    default:
      return is_elementary(operation) && traits(operation).use != Use::leaf &&
             traits(operation).use != Use::infix;
  }
}

/// Whether the name of the operation is also that of a function: dual(erf; q1).
constexpr bool is_function_name(Operation operation) {
  using elementary::Use;
  const elementary::OperationInfo& known = traits(operation);
  return known.operands == 1 && (known.use == Use::language || known.use == Use::function);
}
inline constexpr std::string_view identity_function = "identity";  // the variable itself

/// dual(φ; q, q', c), dual'(φ; q, q', c), moment(f, g; q, q', c)
constexpr std::string_view expectation_name(Operation operation) {
  return operation == Operation::dual ? "dual" : operation == Operation::moment ? "moment" : "dual'";
}

/// Names that mean something already.
inline bool is_reserved_function_name(std::string_view name) {
  if (name == identity_function || name == "dual" || name == "moment" || name == "cross" || name == "pi" ||
      name == "trainable" || name == info(Operation::gaussian_mean).name ||
      name == info(Operation::hermite_series).name) {
    return true;
  }
  for (int i = 0; i <= static_cast<int>(Operation::loop_result); ++i) {
    const auto operation = static_cast<Operation>(i);
    if (is_call(operation) && info(operation).name == name) return true;
  }
  return false;
}

/// After the number of terms of a series.
inline constexpr std::string_view parity_names[] = {"", " even", " odd"};

/// Calls that state the upper end of their domain: arcsine_ratio(z; 0.5).
constexpr bool has_domain(Operation operation) {
  return operation == Operation::arcsine_ratio || operation == Operation::arccosine_ratio;
}

}  // namespace ntkc::kernel_ir::text_form
