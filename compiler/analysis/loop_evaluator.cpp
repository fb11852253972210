#include "compiler/analysis/loop_evaluator.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "compiler/hermite/expansion.hpp"
#include "compiler/hermite/sparse.hpp"
#include "compiler/hermite/work.hpp"
#include "ntkc/cancellation.hpp"

namespace ntkc::analysis {

using kernel_ir::Dependence;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;

namespace {

/// a_k = E[f(σt) h_k(t)] as hermite::coefficients, in double precision and eight nodes at a time: there are
/// millions of products.
std::vector<double> coefficients(const duals::NumericFunction& f, double sigma, const hermite::Terms& terms,
                                 const hermite::Quadrature& rule) {
  if (terms.tail > 0) return hermite::coefficients(f, sigma, terms);
  constexpr std::size_t lanes = 8;
  using Lanes = std::array<double, lanes>;
  const std::size_t blocks = (rule.nodes.size() + lanes - 1) / lanes;
  std::vector<Lanes> node(blocks, Lanes{});
  std::array<std::vector<Lanes>, 2> part = {node, node};  // of even and of odd degrees
  std::vector<Lanes> previous(blocks, Lanes{});           // h_{k-1}
  std::vector<Lanes> current(blocks, Lanes{});            // h_k
  for (std::size_t i = 0; i < rule.nodes.size(); ++i) {
    const double above = f(sigma * rule.nodes[i]);
    const double below = terms.rule.is_symmetric() ? f(-sigma * rule.nodes[i]) : 0;
    node[i / lanes][i % lanes] = rule.nodes[i];
    part[0][i / lanes][i % lanes] = rule.weights[i] * (above + below);
    part[1][i / lanes][i % lanes] = rule.weights[i] * (above - below);
    current[i / lanes][i % lanes] = 1;
  }
  std::vector<double> result;
  const int degrees = terms.degree(terms.count - 1) + 1;
  for (int k = 0; k < degrees; ++k) {
    // h_{k+1}(t) = (t h_k(t) - √k h_{k-1}(t))/√(k + 1)
    const double up = 1 / std::sqrt(k + 1.0);
    const double down = std::sqrt(static_cast<double>(k)) * up;
    Lanes sums{};
    const std::vector<Lanes>& values = part[static_cast<std::size_t>(k % 2)];
    for (std::size_t b = 0; b < blocks; ++b)
      for (std::size_t l = 0; l < lanes; ++l) {
        sums[l] += values[b][l] * current[b][l];
        const double next = node[b][l] * up * current[b][l] - down * previous[b][l];
        previous[b][l] = current[b][l];
        current[b][l] = next;
      }
    if (terms.degree(static_cast<int>(result.size())) == k)
      result.push_back(std::accumulate(sums.begin(), sums.end(), 0.0));
  }
  return result;
}

}  // namespace

LoopEvaluator::LoopEvaluator(kernel_ir::Program program)
    : ProgramOwner{std::move(program)}, Evaluator(owned) {
  for (NodeId id = 0; id < program_.size(); ++id)
    if (program_[id].operation == Operation::loop && program_[id].region == 0) loop_ = id;
  if (loop_ == kernel_ir::no_node) throw std::logic_error("the program has no loop");
}

std::vector<double> LoopEvaluator::enter(double q, double complement, double cocomplement) {
  input_ = {q, complement, cocomplement};
  part_ = Part::all;
  run(0);
  return values_of(program_[loop_].operands);
}

std::vector<double> LoopEvaluator::iterate(const std::vector<double>& carried, Part part) {
  CancellationScope::poll();
  part_ = part;
  return Evaluator::iterate(program_.loop(program_[loop_]).body, carried);
}

double LoopEvaluator::remainder() const {
  double worst = 0;
  for (const Node& node : program_.nodes()) {
    if (node.operation != Operation::hermite_series) continue;
    const double remainder = program_.expansion(node).remainder;
    if (std::isnan(remainder)) return remainder;
    worst = std::max(worst, remainder);
  }
  return worst;
}

bool LoopEvaluator::is_wanted(NodeId id) const {
  const Node& node = program_[id];
  if (node.region == 0 && id >= loop_) return false;  // what is behind the loop is not asked for
  return part_ == Part::all || node.operation == Operation::loop ||
         (node.type != kernel_ir::Type::series && node.dependence != Dependence::pair);
}

double LoopEvaluator::evaluate(NodeId id) {
  const Node& node = program_[id];
  if (node.operation == Operation::hermite_series) {
    std::vector<double> series = expansion(id, operand(node, 0));
    for (double& coefficient : series) coefficient *= operand(node, 1);
    series_[id] = std::move(series);
    return 0;
  }
  if (node.type == kernel_ir::Type::series) {
    series_[id] = series_.at(node.operands[0]);
    return 0;
  }
  switch (node.operation) {
    case Operation::literal:
      return program_.literal_value(node);
    case Operation::input_square:
      return input_.q;
    case Operation::input_complement:
      return input_.complement;
    case Operation::input_cocomplement:
      return input_.cocomplement;
    case Operation::identity:  // inputs are two samples, however near
      return 0;
    case Operation::first:
    case Operation::second:
    case Operation::with_loss:
      return operand(node, 0);
    case Operation::gaussian_mean:
      return expansion(id, operand(node, 0))[0];
    case Operation::series_product:
    case Operation::series_slope:
    case Operation::series_distance:
      return contract(node);
    case Operation::sparse_product:
    case Operation::sparse_deficit:
      return contract_sparse(node);
    case Operation::series_square:
      return 0;  // losses are made of it, and not asked for here
    default:
      return arithmetic(node);
  }
}

double LoopEvaluator::contract_sparse(const Node& node) const {
  const std::vector<double>& a = series_.at(node.operands[0]);
  const std::vector<double>& b = series_.at(node.operands[1]);
  const double logarithm = std::log1p(-operand(node, 2));
  const hermite::Terms& terms = program_.expansion(program_[program_.expanded(node.operands[0])]).terms;
  const std::vector<hermite::SparseDegree> sparse = hermite::sparse_degrees(terms);
  double sum = 0;
  for (std::size_t j = 0; j < a.size(); ++j) {
    const auto count = static_cast<std::size_t>(terms.count);
    const double exponent = j < count ? static_cast<double>(j) : (sparse[j - count].degree - terms.first) / 2;
    const double power = exponent == 0 ? 0 : exponent * logarithm;
    sum += a[j] * b[j] * (node.operation == Operation::sparse_product ? std::exp(power) : -std::expm1(power));
  }
  return sum;
}

double LoopEvaluator::contract(const Node& node) const {
  const std::vector<double>& a = series_.at(node.operands[0]);
  const std::vector<double>& b = series_.at(node.operands[1]);
  const double s = node.operands.size() > 2 ? operand(node, 2) : 0;
  double sum = 0;
  double tail = 0;
  for (std::size_t j = a.size(); j-- > 0;) {
    switch (node.operation) {
      case Operation::series_product:
        sum = sum * s + a[j] * b[j];
        break;
      case Operation::series_slope:
        sum = sum * s + tail;
        tail += a[j] * b[j];
        break;
      default:
        sum += (a[j] - b[j]) * (a[j] - b[j]) / 2;
    }
  }
  return sum;
}

/// The coefficients, or the one mean. They cost the most of all, and are asked for again and again at the
/// same variances.
const std::vector<double>& LoopEvaluator::expansion(NodeId id, double root) {
  constexpr std::size_t most = 8;
  std::vector<Memo>& memos = memos_[id];
  for (const Memo& memo : memos)
    if (memo.root == root) return memo.values;
  if (memos.size() == most) memos.erase(memos.begin());
  const Node& node = program_[id];
  const duals::NumericFunction& f = function(node.operands.back());
  const hermite::Quadrature rule = quadrature(program_.rule(node), root);
  constexpr double of_values = 20;  // f itself, at each node
  int degrees = 1;
  if (node.operation == Operation::hermite_series) {
    const hermite::Terms& terms = program_.expansion(node).terms;
    constexpr int products_of_wave = 15;
    degrees = terms.degree(terms.count);
    if (terms.tail > 0) degrees += products_of_wave * static_cast<int>(hermite::sparse_degrees(terms).size());
  }
  work_ += (degrees + of_values) * static_cast<double>(rule.nodes.size());
  const double spent_before = hermite::WorkLimit::spent();
  if (node.operation == Operation::hermite_series) {
    memos.push_back({root, coefficients(f, root, program_.expansion(node).terms, rule)});
  } else {
    double sum = 0;
    for (std::size_t i = 0; i < rule.nodes.size(); ++i) {
      const double below = program_.rule(node).is_symmetric() ? f(-root * rule.nodes[i]) : 0;
      sum += rule.weights[i] * (f(root * rule.nodes[i]) + below);
    }
    memos.push_back({root, {sum}});
  }
  work_ += hermite::WorkLimit::spent() - spent_before;
  return memos.back().values;
}

hermite::Quadrature LoopEvaluator::quadrature(const hermite::Rule& rule, double root) {
  if (!rule.is_symmetric()) return hermite::broken_quadrature(rule, root);
  const auto key = std::tuple(!rule.breaks.empty(), rule.nodes, rule.reach);
  const auto [position, inserted] = rules_.try_emplace(key);
  if (inserted) position->second = hermite::symmetric_quadrature(rule);
  return position->second;
}

const duals::NumericFunction& LoopEvaluator::function(NodeId id) {
  return functions_.try_emplace(id, duals::NumericFunction(program_, id)).first->second;
}

}  // namespace ntkc::analysis
