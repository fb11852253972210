// Valid programs at random, of every kind that the stages hand on: covariances, reals, loops.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::kernel_ir::testing {

class RandomProgram {
 public:
  /// With `known_functions`, those only that the interpreter has formulas for: for the others it is slow.
  explicit RandomProgram(std::uint64_t seed, bool known_functions = false)
      : random_(seed), known_functions_(known_functions) {}

  Program build() {
    program_.name = "random";
    program_.input_size = 1 + pick(100);
    program_.parameters = {
        {"w", 1.4142135623730951}, {"b", 0.25}, {"q3", -0.5}, {"a_parameter_of_long_name", 3}};
    if (pick(4) == 0) program_.parameters[3].name = "pi";
    constants_ = {program_.literal(0.5), program_.literal(2), program_.literal(1e-3),
                  program_.real(Operation::pi, {})};
    for (std::uint32_t i = 0; i < 4; ++i) constants_.push_back(program_.parameter(i));
    positive_ = {program_.literal(0.75), program_.parameter(0), program_.square(program_.parameter(1)),
                 program_.literal(1)};
    pairs_ = {program_.input_cross()};
    selves_ = {program_.input_self()};
    samples_ = {program_.input_self(), program_.input_square()};
    reals_ = {program_.cross(pairs_[0]), program_.first(selves_[0]), program_.input_complement(),
              program_.input_cocomplement(), program_.identity(Dependence::pair, {})};
    functions_ = {program_.variable(),
                  program_.real(Operation::maximum, {program_.variable(), program_.literal(0)})};
    steps(10 + pick(30), 0);
    program_.roots = {{"Sigma", pairs_.back()},
                      {"Theta", reals_.back()},
                      {"Omega", any(reals_)},
                      {"Cross", program_.cross(any(pairs_))},
                      {"Constant", any(constants_)}};
    return std::move(program_);
  }

 private:
  std::size_t pick(std::size_t count) { return random_() % count; }
  // newer values more often, so that programs get deep
  NodeId any(const std::vector<NodeId>& values) {
    return pick(2) == 0 ? values[pick(values.size())]
                        : values[values.size() - 1 - pick(std::min<std::size_t>(3, values.size()))];
  }

  void steps(std::size_t count, int nesting) {
    for (std::size_t i = 0; i < count; ++i) step(nesting);
  }

  void step(int nesting) {
    switch (pick(nesting < 2 ? 10 : 9)) {
      case 0:
        constants_.push_back(constant_arithmetic());
        break;
      case 1:
      case 2:
        add_covariance();
        break;
      case 3:
        samples_.push_back(arithmetic({any(samples_), any(samples_), any(constants_), any(samples_)}));
        if (pick(4) == 0)
          samples_.push_back(program_.real(Operation::with_loss, {any(samples_), any(samples_)}));
        break;
      case 8:
        add_expansion();
        break;
      case 9:
        add_loop(nesting);
        break;
      case 4:
        functions_.push_back(function());
        break;
      default:
        reals_.push_back(arithmetic({any(reals_), real(), real(), real()}));
    }
  }

  NodeId real() {
    switch (pick(5)) {
      case 0:
        return any(constants_);
      case 1:
        return program_.first(any(samples_));
      case 2:
        return program_.second(any(samples_));
      default:
        return any(reals_);
    }
  }

  NodeId constant_arithmetic() {
    constexpr Operation unary[] = {Operation::exp, Operation::sin, Operation::cos, Operation::tanh,
                                   Operation::erf, Operation::abs, Operation::log, Operation::sign};
    const NodeId a = any(constants_);
    if (pick(3) == 0) return program_.real(unary[pick(std::size(unary))], {a});
    if (pick(4) == 0)
      return program_.real(Operation::power, {program_.real(Operation::abs, {a}), any(constants_)});
    return arithmetic({a, any(constants_), any(constants_), any(constants_)});
  }

  NodeId function() {
    constexpr Operation unary[] = {Operation::exp, Operation::sin, Operation::cos,         Operation::tanh,
                                   Operation::erf, Operation::abs, Operation::square_root, Operation::sign};
    if (known_functions_) {
      constexpr Operation known[] = {Operation::erf, Operation::sin, Operation::cos, Operation::abs};
      return program_.real(known[pick(std::size(known))], {program_.variable()});
    }
    const NodeId a = any(functions_);
    const NodeId b = pick(2) == 0 ? any(constants_) : any(functions_);
    NodeId made = program_.real(Operation::power, {program_.square(a), b});
    switch (pick(6)) {
      case 0:
      case 1:
        made = program_.real(unary[pick(std::size(unary))], {a});
        break;
      case 2:
        made = program_.add(a, b);
        break;
      case 3:
        made = program_.multiply(a, b);
        break;
      case 4:
        made = program_.real(Operation::select_less, {a, b, any(functions_), any(constants_)});
        break;
      default:
        break;
    }
    if (pick(3) == 0) {
      constexpr const char* names[] = {"phi", "relu", "erf", "f2", "c1", "loop", "moment"};
      program_.function_names.emplace(made, names[pick(std::size(names))]);
    }
    return made;
  }

  NodeId arithmetic(const std::vector<NodeId>& v) {
    constexpr Operation binary[] = {Operation::add,    Operation::multiply, Operation::subtract,
                                    Operation::divide, Operation::minimum,  Operation::maximum};
    switch (pick(15)) {
      case 14:
        return program_.real(Operation::dawson, {v[0]});
      case 12:
        return program_.real(Operation::normal_tail, {v[0], v[1]});
      case 13:
        if (known_functions_) return program_.real(Operation::normal_tail, {v[1], v[0]});
        return program_.real(Operation::normal_orthant, {v[0], v[1], v[2], v[3], v[0]});
      case 0:
        return program_.real(Operation::select_less, v);
      case 1:
        return program_.real(Operation::square_root, {v[0]});
      case 2:
        return program_.real(Operation::reciprocal_or_zero, {v[0]});
      case 3:
        return program_.real(Operation::expm1, {v[0]});
      case 4:
        return program_.real(Operation::arcsine_ratio, {v[0]}, Domain{0.5});
      case 5:
        return program_.real(Operation::arccosine_ratio, {v[0]}, Domain{0.25});
      case 6:
        return program_.real(Operation::multiply, {v[0], v[0]});
      default:
        return program_.real(binary[pick(std::size(binary))], {v[0], v[1]});
    }
  }

  void add_covariance() {
    const NodeId c = any(pairs_);
    NodeId made = no_node;
    switch (pick(6)) {
      case 0:
        made = program_.add(c, any(pairs_));
        break;
      case 1:
        made = program_.multiply(c, any(pairs_));
        break;
      case 2:
        made = program_.multiply(c, any(positive_));
        break;
      case 3:
        made = program_.add(program_.multiply(any(positive_), c), any(positive_));
        break;
      case 4:
        made = program_.trainable(c, program_.multiply(any(constants_), any(reals_)));
        break;
      default:
        made = dual(c);
    }
    pairs_.push_back(made);
    reals_.push_back(program_.cross(made));
    selves_.push_back(program_[made].self);
    samples_.push_back(selves_.back());
  }

  NodeId dual(NodeId c) {
    const NodeId phi = pick(4) == 0 ? any(constants_) : any(functions_);
    const NodeId result = program_.dual(c, phi);
    if (pick(2) == 0) reals_.push_back(program_.dual_derivative(c, phi));
    if (pick(2) == 0) reals_.push_back(program_.moment(c, known_functions_ ? phi : any(functions_), phi));
    if (pick(2) == 0)
      samples_.push_back(program_.moment(program_[c].self, phi, known_functions_ ? phi : any(functions_)));
    if (pick(4) == 0)
      constants_.push_back(program_.moment(any(constants_), phi, known_functions_ ? phi : any(functions_)));
    return result;
  }

  void add_expansion() {
    const NodeId f = any(functions_);
    const NodeId root = any(samples_);
    const std::vector<std::vector<double>> breaks = {{}, {0}, {-0.5, 1.25}};
    const hermite::Rule rule = {breaks[pick(3)], 2 + static_cast<int>(pick(8)), 4.5};
    const hermite::Terms terms = {2 + 2 * static_cast<int>(pick(4)), static_cast<hermite::Parity>(pick(3)),
                                  rule, pick(4) == 0};
    samples_.push_back(program_.gaussian_mean(root, f, rule));
    const NodeId a = program_.first(program_.hermite_series(root, any(samples_), f, terms, 0.25));
    const NodeId b =
        program_.second(program_.hermite_series(any(samples_), root, any(functions_), terms, 1e-12));
    reals_.push_back(program_.real(Operation::series_product, {a, b, real()}));
    reals_.push_back(program_.real(Operation::series_slope, {b, a, real()}));
    reals_.push_back(program_.real(Operation::series_distance, {a, b}));
    reals_.push_back(pick(2) == 0 ? program_.real(Operation::series_step, {a, b, a})
                                  : program_.real(Operation::series_derivative, {a, b, real()}));
  }

  void add_loop(int nesting) {
    const NodeId c = any(pairs_);
    std::vector<Carried> carried = {{program_[c].self, Dependence::sample, Carried::no_self}};
    if (pick(2) == 0)
      carried.insert(carried.begin(), {any(constants_), Dependence::constant, Carried::no_self});
    const auto self = static_cast<std::uint32_t>(carried.size() - 1);
    carried.push_back({c, Dependence::pair, self});
    carried.push_back({pick(2) == 0 ? program_.literal(0) : any(reals_), Dependence::pair, Carried::no_self});
    carried.push_back(
        {pick(2) == 0 ? any(constants_) : program_.real(Operation::add, {any(samples_), any(positive_)}),
         Dependence::sample, Carried::no_self});
    const RandomProgram outer = *this;  // the values in scope
    const RegionId region = program_.begin_loop(carried, 1 + static_cast<std::int64_t>(pick(3)));
    const std::vector<NodeId> arguments = program_.regions()[region].arguments;
    for (const NodeId argument : arguments) define(argument);
    steps(3 + pick(8), nesting + 1);
    const NodeId next = any(pairs_);
    std::vector<NodeId> results;
    if (self == 1) results.push_back(any(constants_));
    results.insert(results.end(), {program_[next].self, next, real_in_loop(), samples_real()});
    const std::vector<NodeId> values = program_.end_loop(results);
    constants_ = outer.constants_;
    functions_ = outer.functions_;
    pairs_ = outer.pairs_;
    selves_ = outer.selves_;
    samples_ = outer.samples_;
    reals_ = outer.reals_;
    for (const NodeId value : values) define(value);
  }

  NodeId real_in_loop() { return pick(4) == 0 ? program_.first(any(samples_)) : any(reals_); }
  NodeId samples_real() {
    return pick(4) == 0 ? any(constants_) : program_.real(Operation::square_root, {any(samples_)});
  }

  void define(NodeId id) {
    const Node& node = program_[id];
    const bool is_covariance = node.type == Type::covariance;
    switch (node.dependence) {
      case Dependence::constant:
        constants_.push_back(id);
        break;
      case Dependence::function:
        functions_.push_back(id);
        break;
      case Dependence::sample:
        samples_.push_back(id);
        if (is_covariance) selves_.push_back(id);
        break;
      case Dependence::pair:
        if (is_covariance) pairs_.push_back(id);
        reals_.push_back(is_covariance ? program_.cross(id) : id);
    }
  }

  std::mt19937_64 random_;
  bool known_functions_;
  Program program_;
  std::vector<NodeId> constants_, functions_, positive_, samples_, selves_, pairs_, reals_;
};

}  // namespace ntkc::kernel_ir::testing
