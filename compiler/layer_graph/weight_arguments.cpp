// What the arguments of a layer with weights say together.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/layer_graph/elaborator.hpp"

namespace ntkc::layer_graph {
namespace {

/// Those of one application, by name.
class WeightArguments {
 public:
  WeightArguments(const BuiltinInfo& builtin, const std::vector<ast::Argument>& given,
                  const std::vector<ArgumentValue>& values, const ScalarTable& scalars)
      : builtin_(builtin), given_(given), values_(values), scalars_(scalars) {}

  /// Where it stands; null if it was left out.
  [[nodiscard]] const ast::Argument* find(std::string_view name) const {
    const auto found = std::ranges::find_if(given_, [&](const ast::Argument& argument) {
      return argument.keyword && argument.keyword->name == name;
    });
    return found == given_.end() ? nullptr : &*found;
  }
  [[nodiscard]] bool flag(std::string_view name) const { return std::get<bool>(value(name)); }
  /// 0 for one that was left out.
  [[nodiscard]] double number(std::string_view name) const {
    const auto* scalar = std::get_if<ScalarId>(&value(name));
    return scalar == nullptr ? 0 : scalars_.value(*scalar);
  }

 private:
  [[nodiscard]] const ArgumentValue& value(std::string_view name) const {
    const auto parameter = std::ranges::find(builtin_.parameters, name, &BuiltinParameter::name);
    return values_[static_cast<std::size_t>(parameter - builtin_.parameters.begin())];
  }

  const BuiltinInfo& builtin_;
  const std::vector<ast::Argument>& given_;
  const std::vector<ArgumentValue>& values_;
  const ScalarTable& scalars_;
};

}  // namespace

bool Elaborator::check_weight_arguments(const BuiltinInfo& builtin,
                                        const std::vector<ast::Argument>& arguments,
                                        const std::vector<ArgumentValue>& values) {
  if (!traits(builtin.layer.value()).draws_weights) return true;
  const WeightArguments given(builtin, arguments, values, scalars_);
  bool good = true;
  const auto refuse = [&](DiagnosticKind kind, std::string_view name, bool is_wrong, std::string message,
                          std::string help) {
    const ast::Argument* argument = given.find(name);
    if (!is_wrong || argument == nullptr) return;
    std::vector<Note> notes;
    if (kind == DiagnosticKind::argument_out_of_range)
      notes.push_back({file_.parametrization->range, "the parametrization is here"});
    fail(kind, expression(argument->value).range, std::move(message), std::move(notes), std::move(help));
    good = false;
  };
  const double b_std = given.number("b_std");
  const double b_lr = given.number("b_lr");
  const bool bias = given.flag("bias");
  if (graph_.parametrization == Parametrization::cntk) {
    for (const auto& [name, is_there] : {std::pair{"b_std", b_std > 0}, {"b_lr", b_lr > 0}, {"bias", bias}})
      refuse(DiagnosticKind::argument_out_of_range, name, is_there,
             fmt::format("`parametrization = cntk` has no biases, got `{}`", name),
             bias ? "leave `bias` out, or use `parametrization = standard`"
                  : fmt::format("leave `{}` out, or use `parametrization = ntk`", name));
    if (!good) return false;
  }
  const auto ineffective = [&](std::string_view name, bool is_wrong, std::string message, std::string help) {
    refuse(DiagnosticKind::ineffective_argument, name, is_wrong, std::move(message), std::move(help));
  };
  if (given.flag("frozen")) {
    for (const auto& [name, is_there] :
         {std::pair{"lr", given.number("lr") != 1}, {"b_lr", b_lr > 0}, {"bias", bias && b_std == 0}})
      ineffective(name, is_there, fmt::format("`{}` has no effect on a layer that is `frozen`", name),
                  "leave out one of them");
  } else if (given.find("b_lr") != nullptr) {
    ineffective("bias", true, "`bias` has no effect beside `b_lr`, which says whether biases are trained",
                "leave out `bias`");
  } else if (bias) {
    ineffective(
        "bias", graph_.parametrization == Parametrization::ntk,
        "`bias = true` has no effect under `parametrization = ntk`, where there is a bias if b_std > 0",
        "for biases that start at 0 and are trained write `b_lr = 1`, what they add to Theta; for drawn "
        "ones `b_std`");
  }
  if (!bias)
    ineffective("bias", b_std > 0, fmt::format("`bias = false` contradicts `b_std = {}`", b_std),
                "leave out one of them");
  return good;
}

}  // namespace ntkc::layer_graph
