#include "compiler/duals/numeric_function.hpp"

#include <cmath>
#include <map>

#include "compiler/kernel_ir/function.hpp"
#include "compiler/moments/derivative.hpp"

namespace ntkc::duals {

using kernel_ir::NodeId;
using kernel_ir::Operation;

NumericFunction::NumericFunction(const kernel_ir::Program& program, NodeId root) {
  std::map<NodeId, std::size_t> places;  // in order of ids, which is topological
  std::vector<NodeId> pending = {root};
  while (!pending.empty()) {
    const NodeId id = pending.back();
    pending.pop_back();
    if (!places.emplace(id, 0).second) continue;
    if (program[id].dependence == kernel_ir::Dependence::constant) continue;
    pending.insert(pending.end(), program[id].operands.begin(), program[id].operands.end());
  }
  for (auto& [id, place] : places) {
    place = steps_.size();
    if (program[id].dependence == kernel_ir::Dependence::constant) {
      steps_.push_back(
          {Operation::literal, static_cast<double>(kernel_ir::Function(program, id).value(0)), {}});
      continue;
    }
    Step step{program[id].operation, 0, {}};
    for (const NodeId operand : program[id].operands) step.operands.push_back(places.at(operand));
    steps_.push_back(std::move(step));
  }
}

void NumericFunction::evaluate(double z, std::vector<double>& values) const {
  values.resize(steps_.size());
  std::vector<double> operands;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    if (step.operation == Operation::literal) {
      values[i] = step.value;
    } else if (step.operation == Operation::variable) {
      values[i] = z;
    } else {
      operands.clear();
      for (const std::size_t operand : step.operands) operands.push_back(values[operand]);
      values[i] = kernel_ir::evaluate(step.operation, operands);
    }
  }
}

double NumericFunction::operator()(double z) const {
  std::vector<double> values;
  evaluate(z, values);
  return values.back();
}

bool NumericFunction::may_break_at_zero() const {
  std::vector<double> values;
  evaluate(0, values);
  for (const Step& step : steps_) {
    const auto value = [&](std::size_t i) { return values[step.operands[i]]; };
    switch (step.operation) {
      case Operation::abs:
      case Operation::sign:
      case Operation::square_root:
      case Operation::log:
      case Operation::power:
        if (value(0) == 0) return true;
        break;
      case Operation::minimum:
      case Operation::maximum:
      case Operation::select_less:
        if (value(0) == value(1)) return true;
        break;
      default:
        break;
    }
  }
  return false;
}

NodeId slope_of(kernel_ir::Program& program, NodeId phi) {
  const NodeId z = program.variable();
  const NodeId slope = moments::differentiate(program, phi, z);
  if (std::isfinite(NumericFunction(program, slope)(0))) return slope;
  const NodeId zero = program.literal(0);
  return program.real(Operation::select_less, {zero, program.real(Operation::abs, {z}), slope, zero});
}

}  // namespace ntkc::duals
