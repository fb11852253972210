#include <fmt/format.h>

#include <array>
#include <vector>

#include "tests/fuzz/programs.hpp"

namespace ntkc::fuzz {
namespace {

struct Value {
  std::string text;
  bool gaussian = false;
};

class Generator {
 public:
  explicit Generator(std::mt19937& random) : random_(random) {}

  std::string run() {
    text_ += chance(2) ? "language 1\n" : "";
    text_ += chance(3) ? "# A random network\n" : "";
    if (chance(2)) definitions();
    text_ += "network n(depth = " + pick({"0", "1", "2", "5", "1000"});
    for (const char* name : {"w", "b"}) {
      if (chance(3)) continue;
      text_ += fmt::format(", {} = {}", name, real(2));
      parameters_.emplace_back(name);
    }
    if (chance(3)) {
      text_ += ", c = " + list();
      lists_.emplace_back("c");
    }
    text_ += ")\n";
    if (chance(6)) text_ += "parametrization = " + pick({"ntk", "standard", "cntk"}) + "\n";
    has_positions_ = chance(8);
    text_ += has_positions_
                 ? "input x : " + pick({"sequence(5, 3)", "image(2, depth + 1, 1)", "image(4, 4, 3)"}) + "\n"
                 : fmt::format("input x : vector({})\n", pick({"1", "2", "3", "64", "depth + 1"}));
    values_ = {{"x", false}};
    if (chance(2)) definitions();
    statements(1 + below(6), "");
    text_ += "output " + value(3).text + "\n";
    return std::move(text_);
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool chance(std::size_t of) { return below(of) == 0; }
  std::string pick(std::initializer_list<const char*> choices) {
    return choices.begin()[below(choices.size())];
  }

  /// A constant. Most are small and positive.
  std::string real(std::size_t depth) {
    if (depth > 0 && chance(3))
      return fmt::format("({} {} {})", real(depth - 1), pick({"+", "*", "/", "^", "-"}), real(depth - 1));
    if (depth > 0 && chance(8))
      return fmt::format("{}({})", pick({"sqrt", "exp", "tanh", "erf", "log"}), real(depth - 1));
    if (depth > 0 && chance(8))
      return fmt::format("(if {} < {} then {} else {})", real(0), real(0), real(0), real(0));
    if (!parameters_.empty() && chance(3)) return parameters_[below(parameters_.size())];
    return pick({"1", "2", "0.5", "1.5", "0.1", "pi", "3", "0", "1e-3"});
  }

  /// A list of numbers, now and then a matrix.
  std::string list() {
    if (!lists_.empty() && chance(3)) return lists_[below(lists_.size())];
    std::string items = real(1);
    for (std::size_t more = below(4); more > 0; --more) items += ", " + real(1);
    return chance(20) ? fmt::format("[[{0}], [{0}]]", items) : fmt::format("[{}]", items);
  }

  /// A function of z and of the names in `parameters_`.
  std::string function(std::size_t depth) {
    if (depth == 0) return chance(3) ? real(0) : "z";
    switch (below(6)) {
      case 0:
        return fmt::format("({} + {})", function(depth - 1), function(depth - 1));
      case 1:
        return fmt::format("({} * {})", function(depth - 1), function(depth - 1));
      case 2:
        return fmt::format("{}({})",
                           pick({"exp", "tanh", "erf", "sin", "cos", "abs", "sign", "sqrt", "relu"}),
                           function(depth - 1));
      case 3:
        return fmt::format("{}({}, {})", pick({"min", "max"}), function(depth - 1), function(depth - 1));
      case 4:
        return fmt::format("where({} {} {}, {}, {})", function(depth - 1), pick({"<", "<=", ">", ">="}),
                           real(0), function(depth - 1), function(depth - 1));
      default:
        return fmt::format("{}^{}", "z", pick({"2", "3", "-1", "0.5"}));
    }
  }

  void definitions() {
    const std::vector<std::string> outer = std::move(parameters_);
    if (chance(2)) {
      const std::string name = fmt::format("act{}", activations_.size());
      parameters_ = {"p"};
      text_ += fmt::format("activation {}(z, p = {}) = {}\n", name, pick({"1", "0.5", "2"}), function(3));
      activations_.push_back(name);
    }
    if (chance(2)) {
      const std::string name = fmt::format("block{}", blocks_.size());
      parameters_ = {"q"};
      const std::vector<Value> outside = std::move(values_);
      values_ = {{"h", false}};
      text_ += fmt::format("def {}(h, q = {}) {{\n", name, pick({"1", "0.5", "2"}));
      values_.front().gaussian = false;
      statements(1 + below(2), "  ");
      text_ += "  return (" + value(2).text + ") |> dense\n}\n";
      values_ = outside;
      blocks_.push_back(name);
    }
    parameters_ = outer;
  }

  std::string activation() {
    if (!activations_.empty() && chance(2)) return activations_[below(activations_.size())];
    if (chance(10)) return fmt::format("polynomial({})", list());
    return pick(
        {"relu", "erf", "gelu", "sin", "leaky_relu(alpha = 0.1)", "tanh", "identity", "exp(0.5)", "sigmoid"});
  }

  std::string dense() {
    if (chance(3)) return "dense";
    std::string arguments;
    for (const char* name : {"W_std", "b_std", "lr"})
      if (chance(3)) arguments += fmt::format("{}{} = {}", arguments.empty() ? "" : ", ", name, real(1));
    if (chance(8)) arguments += arguments.empty() ? "frozen = true" : ", frozen = true";
    if (chance(8)) arguments += arguments.empty() ? "width = 8" : ", width = 8";
    return fmt::format("dense({})", arguments);
  }

  Value value(std::size_t depth) {
    if (depth == 0) return values_[below(values_.size())];
    const Value first = value(depth - 1);
    switch (below(8)) {
      case 0:
        return {fmt::format("({} * {})", real(1), first.text), first.gaussian};
      case 1: {
        const Value second = value(depth - 1);
        return {fmt::format("(({} |> {}) {} {})", first.text, dense(), pick({"+", "-", "+"}), second.text),
                second.gaussian};
      }
      case 2: {
        const Value second = value(depth - 1);
        return {fmt::format("(({} |> dense) * ({} |> dense))", first.text, second.text), false};
      }
      case 3:
        if (!blocks_.empty())
          return {fmt::format("({} |> {})", first.text, blocks_[below(blocks_.size())]), true};
        return first;
      case 4:
        if (chance(4)) {
          const Value second = value(depth - 1);
          const bool along_positions = has_positions_ && chance(2);
          const std::string axis = along_positions ? pick({", axis = positions", ", axis = 0", ", axis = 1"})
                                                   : pick({"", ", axis = channels"});
          return {fmt::format("concat({}, {} |> dense{})", first.text, second.text, axis),
                  along_positions && first.gaussian};
        }
        return first;
      case 5:
      case 6:
        if (first.gaussian || chance(10)) return {fmt::format("({} |> {})", first.text, activation()), false};
        [[fallthrough]];
      default:
        return {fmt::format("({} |> {})", first.text, dense()), true};
    }
  }

  void statements(std::size_t count, const std::string& indent) {
    for (std::size_t i = 0; i < count; ++i) {
      text_ += indent;
      if (chance(4) && indent.size() < 6) {
        text_ += "repeat " + pick({"depth", "2", "3", "1", "2147483647"}) + " {\n";
        // What is bound inside is gone behind; what carries keeps its type.
        const std::vector<Value> outside = values_;
        statements(1 + below(2), indent + "  ");
        values_ = outside;
        text_ += indent + "}\n";
      } else if (values_.size() > 1 && chance(2)) {
        Value& target = values_[1 + below(values_.size() - 1)];
        const Value result = value(2);
        text_ += fmt::format("{} = {}\n", target.text, result.text);
        target.gaussian = result.gaussian;
      } else {
        const Value result = value(2);
        const std::string name = fmt::format("v{}", names_++);
        text_ += fmt::format("{} = {}\n", name, result.text);
        values_.push_back({name, result.gaussian});
      }
    }
  }

  std::mt19937& random_;
  std::string text_;
  std::vector<Value> values_;
  std::vector<std::string> parameters_;
  std::vector<std::string> lists_;
  bool has_positions_ = false;
  std::vector<std::string> activations_;
  std::vector<std::string> blocks_;
  std::size_t names_ = 0;
};

}  // namespace

std::string random_program(std::mt19937& random) { return Generator(random).run(); }

}  // namespace ntkc::fuzz
