#include "compiler/moments/normal_form.hpp"

#include <quadmath.h>

#include <algorithm>
#include <array>
#include <map>

#include "compiler/moments/switches.hpp"

namespace ntkc::moments {

using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;

bool Term::is_like(const Term& other) const {
  Term like = other;
  like.coefficient = coefficient;
  return *this == like;
}

namespace {

Constant apply(Operation operation, const Constant& a) { return Constant::apply(operation, {&a, 1}); }
Constant absolute(const Constant& a) { return a.value() < 0 ? -a : a; }
Constant sign_of(const Constant& a) { return a.value() < 0 ? Quad(-1) : Quad(1); }

using Form = std::optional<NormalForm>;
constexpr std::size_t most_terms = 64;
constexpr int highest_power = 64;

NormalForm constant(const Constant& value) {
  NormalForm form;
  add_term(form, {.coefficient = value});
  return form;
}

Form scaled(Form form, const Constant& factor) {
  if (!form) return form;
  NormalForm result;
  for (Term term : *form) {
    term.coefficient *= factor;
    add_term(result, term);
  }
  return result;
}

Form sum(const Form& a, const Form& b, const Constant& factor = Quad(1)) {
  if (!a || !b) return {};
  NormalForm result = *a;
  for (Term term : *b) {
    term.coefficient *= factor;
    add_term(result, term);
  }
  return result.size() <= most_terms ? Form(std::move(result)) : Form();
}

/// The product of two waves is a sum of waves: cos x cos y = (cos(x - y) + cos(x + y))/2 and so on.
void add_wave_product(NormalForm& result, const Term& rest, const Term& x, const Term& y) {
  const bool x_sine = x.wave == Wave::sine;
  const bool y_sine = y.wave == Wave::sine;
  const auto add = [&](const Constant& frequency, bool sine, Quad factor) {
    Term term = rest;
    term.coefficient *= factor / 2;
    if (frequency.value() < 0 && sine) term.coefficient = -term.coefficient;
    term.b = absolute(frequency);
    term.wave = sine ? Wave::sine : Wave::cosine;
    if (frequency.is(0)) {
      if (sine) return;
      term.wave = Wave::none;
    }
    add_term(result, term);
  };
  const bool sine = x_sine != y_sine;
  if (sine) {  // sin x cos y = (sin(x + y) + sin(x - y))/2
    add(x.b + y.b, true, 1);
    add(x_sine ? x.b - y.b : y.b - x.b, true, 1);
  } else {
    add(x.b - y.b, false, 1);
    add(x.b + y.b, false, x_sine ? -1 : 1);
  }
}

/// What is a product but for the waves of x and y.
void add_product(NormalForm& result, Term term, const Term& x, const Term& y) {
  if (x.wave != Wave::none && y.wave != Wave::none) {
    add_wave_product(result, term, x, y);
    return;
  }
  if (y.wave != Wave::none) {
    term.wave = y.wave;
    term.b = y.b;
  }
  add_term(result, term);
}

Form product(const Form& a, const Form& b) {
  if (!a || !b || a->size() * b->size() > most_terms * most_terms) return {};
  NormalForm result;
  for (const Term& x : *a) {
    for (const Term& y : *b) {
      Term term = x;
      term.coefficient = x.coefficient * y.coefficient;
      term.power = x.power + y.power;
      term.a = x.a + y.a;
      term.g = x.g + y.g;
      if (term.power > highest_power) return {};
      const auto switched = times_switch(term, y);
      if (!switched) return {};
      for (const Term& each : *switched) add_product(result, each, x, y);
      if (result.size() > most_terms) return {};
    }
  }
  return result;
}

bool is_constant(const NormalForm& form) { return form.empty() || (form.size() == 1 && form[0].is_like({})); }
Constant constant_value(const NormalForm& form) { return form.empty() ? Constant() : form[0].coefficient; }

/// f = p₀ + p₁ z + p₂ z², if it is.
std::optional<std::array<Constant, 3>> quadratic(const Form& form) {
  if (!form) return std::nullopt;
  std::array<Constant, 3> result;
  for (const Term& term : *form) {
    if (!term.is_plain() || term.s != Switch::none || term.power > 2) return std::nullopt;
    result.at(static_cast<std::size_t>(term.power)) = term.coefficient;
  }
  return result;
}

/// Whether e^(p₀ + p₁z + p₂z²) has a closed form that keeps its digits. It is e^p₀ times a function that is as large as
/// e^E, E = p₁²/(4|p₂|), where it is largest: exponents of this size cancel in the expectation, which is then off by E
/// roundings, and a factor e^p₀ that underflows would take the term away altogether, a narrow bump far from 0.
bool is_resolved(const Constant& p0, const Constant& p1, const Constant& p2) {
  constexpr Quad most = 256;  // 3e-14
  if (fabsq(p0.value()) > most) return false;
  return p2.value() == 0 || p1.value() * p1.value() <= -4 * most * p2.value();
}

/// On each piece e^(p₀ + p₁z + p₂z²).
Form exponential(const Form& argument) {
  if (!argument) return {};
  const auto parts = pieces(*argument);
  if (!parts) return {};
  NormalForm result;
  for (const auto& [where, form] : *parts) {
    const auto p = quadratic(form);
    if (!p || (*p)[2].value() > 0 || !is_resolved((*p)[0], (*p)[1], (*p)[2])) return {};
    const Term term = {.coefficient = apply(Operation::exp, (*p)[0]), .a = (*p)[1], .g = -(*p)[2]};
    if (!add_cut(result, {term}, where, Quad(1))) return {};
  }
  return result;
}

/// sin(p₀ + p₁ z) = sin(p₀) cos(p₁ z) + cos(p₀) sin(p₁ z)
Form wave(const Form& argument, bool sine) {
  const auto p = quadratic(argument);
  if (!p || !(*p)[2].is(0)) return {};
  const Constant sine_of_phase = apply(Operation::sin, (*p)[0]);
  const Constant cosine_of_phase = apply(Operation::cos, (*p)[0]);
  const Constant& b = (*p)[1];
  const Constant even = sine ? sine_of_phase : cosine_of_phase;
  const Constant odd = sine ? cosine_of_phase : -sine_of_phase;
  if (b.is(0)) return constant(even);
  NormalForm result;
  add_term(result, {.coefficient = even, .wave = Wave::cosine, .b = absolute(b)});
  add_term(result, {.coefficient = sign_of(b) * odd, .wave = Wave::sine, .b = absolute(b)});
  return result;
}

Form error_function(const Form& argument) {
  const auto p = quadratic(argument);
  if (!p || !(*p)[2].is(0)) return {};
  const Constant& k = (*p)[1];
  if (k.is(0)) return constant(apply(Operation::erf, (*p)[0]));
  if (!(*p)[0].is(0) || k.value() == 0) return {};
  return NormalForm{{.coefficient = sign_of(k), .s = Switch::erf, .k = absolute(k)}};
}

/// Σ values[1 + sign f] over the intervals on which f has one sign.
Form choose(const Form& f, const std::array<Form, 3>& values) {
  if (!f) return {};
  const auto intervals = signs(*f);
  if (!intervals) return {};
  NormalForm result;
  for (const auto& [where, sign] : *intervals) {
    const Form& value = values.at(static_cast<std::size_t>(sign + 1));
    if (!value || !add_cut(result, *value, where, Quad(1))) return {};
  }
  return result.size() <= most_terms ? Form(std::move(result)) : Form();
}

Form sign(const Form& f) { return choose(f, {constant(Quad(-1)), NormalForm{}, constant(Quad(1))}); }

Form absolute(const Form& f) { return choose(f, {scaled(f, Quad(-1)), f, f}); }

Form reciprocal(const Form& f) {
  if (!f || f->size() != 1) return {};
  Term term = (*f)[0];
  if (term.power != 0 || term.s == Switch::erf || term.is_threshold() || term.wave != Wave::none ||
      !term.g.is(0))
    return {};
  term.coefficient = Constant(1) / term.coefficient;
  term.a = -term.a;
  return NormalForm{term};
}

Form power(const Form& base, const Form& exponent) {
  if (!base || !exponent) return {};
  if (is_constant(*exponent)) {
    const Constant n = constant_value(*exponent);
    if (is_constant(*base))
      return constant(Constant::apply(Operation::power, std::array{constant_value(*base), n}));
    const Quad value = n.value();
    if (!n.is_number() || value < 0 || value > highest_power || value != floorq(value)) return {};
    Form result = constant(Quad(1));
    for (int i = 0; i < static_cast<int>(value); ++i) result = product(result, base);
    return result;
  }
  if (!is_constant(*base) || constant_value(*base).value() <= 0) return {};
  return exponential(scaled(exponent, apply(Operation::log, constant_value(*base))));
}

/// √(c z²ⁿ) = √c |z|ⁿ
Form square_root(const Form& f) {
  if (!f) return {};
  if (is_constant(*f)) return constant(apply(Operation::square_root, constant_value(*f)));
  if (f->size() != 1) return {};
  Term term = (*f)[0];
  if (term.s != Switch::none || term.wave != Wave::none || term.power % 2 != 0 ||
      term.coefficient.value() < 0)
    return {};
  term.coefficient = apply(Operation::square_root, term.coefficient);
  term.power /= 2;
  term.a *= Quad(0.5);
  term.g *= Quad(0.5);
  if (term.power % 2 == 1) term.s = Switch::sign;
  NormalForm result;
  add_term(result, term);
  return result;
}

Form evaluate(const Node& node, const std::vector<Form>& a) {
  switch (node.operation) {
    case Operation::add:
      return sum(a[0], a[1]);
    case Operation::subtract:
      return sum(a[0], a[1], Quad(-1));
    case Operation::multiply:
      return product(a[0], a[1]);
    case Operation::divide:
      return product(a[0], reciprocal(a[1]));
    case Operation::power:
      return power(a[0], a[1]);
    case Operation::square_root:
      return square_root(a[0]);
    case Operation::exp:
      return exponential(a[0]);
    case Operation::expm1:
      return sum(exponential(a[0]), constant(Quad(1)), Quad(-1));
    case Operation::sin:
    case Operation::cos:
      return wave(a[0], node.operation == Operation::sin);
    case Operation::erf:
      return error_function(a[0]);
    case Operation::abs:
      return absolute(a[0]);
    case Operation::sign:
      return sign(a[0]);
    case Operation::minimum:
      return choose(sum(a[0], a[1], Quad(-1)), {a[0], a[1], a[1]});
    case Operation::maximum:
      return choose(sum(a[0], a[1], Quad(-1)), {a[1], a[1], a[0]});
    case Operation::select_less:
      return choose(sum(a[1], a[0], Quad(-1)), {a[3], a[3], a[2]});
    default:
      return {};
  }
}

}  // namespace

std::optional<NormalForm> normal_form(Program& program, NodeId function) {
  std::map<NodeId, Form> forms;  // in order of ids, which is topological
  std::vector<NodeId> pending = {function};
  while (!pending.empty()) {
    const NodeId id = pending.back();
    pending.pop_back();
    const Operation operation = program[id].operation;
    if (operation == Operation::loop_argument || operation == Operation::loop_result) return std::nullopt;
    if (!forms.emplace(id, Form()).second) continue;
    pending.insert(pending.end(), program[id].operands.begin(), program[id].operands.end());
  }
  for (auto& [id, form] : forms) {
    const Node node = program[id];  // a copy: new nodes move the old
    if (node.operation == Operation::variable) {
      form = NormalForm{{.coefficient = Quad(1), .power = 1}};
    } else if (node.operation == Operation::literal) {
      form = constant(Quad(program.literal_value(node)));
    } else if (node.operation == Operation::parameter) {
      form = constant(Constant::parameter(program, program.parameter_number(node)));
    } else if (node.dependence == kernel_ir::Dependence::constant) {
      std::vector<Constant> operands;
      for (const NodeId operand : node.operands) operands.push_back(constant_value(*forms.at(operand)));
      form = constant(Constant::apply(node.operation, operands));
    } else {
      std::vector<Form> operands;
      for (const NodeId operand : node.operands) operands.push_back(forms.at(operand));
      form = evaluate(node, operands);
    }
  }
  Form& result = forms.at(function);
  const auto is_finite = [](const Term& term) {
    return std::ranges::all_of(std::array{&term.coefficient, &term.t, &term.a, &term.g, &term.b},
                               [](const Constant* each) { return finiteq(each->value()) != 0; });
  };
  if (!result || !std::ranges::all_of(*result, is_finite)) return std::nullopt;
  return one_sided(*result);
}

NormalForm derivative(const NormalForm& f) {
  static const Quad two_over_root_pi = 2 / sqrtq(acosq(Quad(-1)));
  NormalForm result;
  const auto add = [&](Term term, const Constant& factor, int powers) {
    term.coefficient *= factor;
    term.power += powers;
    if (!factor.is(0)) add_term(result, term);
  };
  for (const Term& term : f) {
    add(term, Quad(term.power), -1);
    add(term, term.a, 0);
    add(term, Quad(-2) * term.g, 1);
    if (term.s == Switch::erf) {
      Term bell = term;
      bell.s = Switch::none;
      bell.k = {};
      bell.g += term.k * term.k;
      add(bell, two_over_root_pi * term.k, 0);
    }
    if (term.wave != Wave::none) {
      Term shifted = term;
      shifted.wave = term.wave == Wave::sine ? Wave::cosine : Wave::sine;
      add(shifted, term.wave == Wave::sine ? term.b : -term.b, 0);
    }
  }
  return one_sided(result);
}

NormalForm times_variable(NormalForm f) {
  for (Term& term : f) ++term.power;
  return f;
}

}  // namespace ntkc::moments
