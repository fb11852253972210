#include "compiler/duals/log_sum.hpp"

#include <cmath>
#include <map>
#include <optional>
#include <vector>

#include "compiler/kernel_ir/live.hpp"

namespace ntkc::duals {

using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;

namespace {

class LogSums {
 public:
  explicit LogSums(Program& program) : program_(program) {}

  NodeId rewrite(NodeId f) {
    const std::vector<bool> is_part = kernel_ir::find_live(program_, {{"", f}});
    std::map<NodeId, NodeId> images;
    for (NodeId id = 0; id <= f; ++id) {
      if (is_part[id]) images[id] = image(id, images);
    }
    return images.at(f);
  }

 private:
  NodeId image(NodeId id, const std::map<NodeId, NodeId>& images) {
    const Operation operation = program_[id].operation;
    std::vector<NodeId> operands;
    bool is_same = true;
    for (const NodeId operand : program_[id].operands) {
      operands.push_back(images.at(operand));
      is_same = is_same && operands.back() == operand;
    }
    if (operation == Operation::log) {
      if (const auto sum = log_sum(operands[0])) return *sum;
    }
    return is_same ? id : program_.real(operation, std::move(operands));
  }

  std::optional<NodeId> log_sum(NodeId sum) {
    exponents_.clear();
    has_exponential_ = false;
    if (!add_terms(sum, 1) || !has_exponential_) return std::nullopt;
    NodeId largest = exponents_[0];
    for (std::size_t i = 1; i < exponents_.size(); ++i)
      largest = program_.real(Operation::maximum, {largest, exponents_[i]});
    if (exponents_.size() == 1) return largest;
    std::optional<NodeId> scaled;
    for (const NodeId exponent : exponents_) {
      const NodeId term = program_.real(Operation::exp, {program_.subtract(exponent, largest)});
      scaled = scaled ? program_.add(*scaled, term) : term;
    }
    return program_.add(largest, program_.real(Operation::log, {*scaled}));
  }

  /// Adds the exponents of factor · a. False if it is not a sum of positive numbers times exponentials.
  bool add_terms(NodeId a, double factor) {
    const Node& node = program_[a];
    switch (node.operation) {
      case Operation::add: {
        const NodeId second = node.operands[1];
        return add_terms(node.operands[0], factor) && add_terms(second, factor);
      }
      case Operation::multiply: {
        const NodeId first = node.operands[0];
        const NodeId second = node.operands[1];
        if (const auto number = literal(first)) return add_terms(second, factor * *number);
        if (const auto number = literal(second)) return add_terms(first, factor * *number);
        return false;
      }
      case Operation::divide: {
        const auto number = literal(node.operands[1]);
        return number && add_terms(node.operands[0], factor / *number);
      }
      case Operation::literal: {
        const double value = program_.literal_value(node);
        return add(program_.literal(0), factor * value);
      }
      case Operation::exp:
        has_exponential_ = true;
        return add(node.operands[0], factor);
      default:
        return false;
    }
  }

  bool add(NodeId exponent, double factor) {
    if (!(factor > 0) || !std::isfinite(factor)) return false;
    exponents_.push_back(factor == 1 ? exponent : program_.add(exponent, program_.literal(std::log(factor))));
    return true;
  }

  [[nodiscard]] std::optional<double> literal(NodeId id) const {
    const Node& node = program_[id];
    if (node.operation != Operation::literal) return std::nullopt;
    return program_.literal_value(node);
  }

  Program& program_;
  std::vector<NodeId> exponents_;
  bool has_exponential_ = false;
};

}  // namespace

NodeId without_overflow(Program& program, NodeId f) { return LogSums(program).rewrite(f); }

}  // namespace ntkc::duals
