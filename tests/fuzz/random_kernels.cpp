#include "tests/fuzz/random_kernels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <numeric>
#include <stdexcept>

#include "compiler/driver/stages.hpp"
#include "compiler/kernel_ir/interpreter.hpp"
#include "ntkc/compiler.hpp"
#include "ntkc/expansion_remainder.hpp"
#include "ntkc/gram.hpp"

namespace ntkc::fuzz {
namespace {

std::size_t below(std::mt19937_64& random, std::size_t bound) { return random() % bound; }
bool chance(std::mt19937_64& random, std::size_t of) { return below(random, of) == 0; }
std::string pick(std::mt19937_64& random, std::initializer_list<const char*> choices) {
  return choices.begin()[below(random, choices.size())];
}

/// An activation, by name or by its definition.
std::string activation(std::mt19937_64& random) {
  if (chance(random, 2))
    return pick(random, {"relu", "abs", "erf", "gelu", "sin", "cos", "gabor", "gaussian", "elu", "selu",
                         "hard_tanh", "sign", "step", "tanh", "leaky_relu(alpha = 0.2)",
                         "rectified_monomial(n = 2)", "monomial(n = 3)"});
  return pick(random,
              {"min(max(z, 0), 6)", "exp(-abs(z))", "1 - exp(-abs(z))", "where(z > 1, 2*z - 1, z)",
               "where(z > 1, 1, 0.25)", "where(z > 0.5, z, 0)", "where(abs(z) > 0.5, z, 0)",
               "relu(z - 1e-200)", "relu(z - 1e-22)", "max(z - 1, -2)", "where(z > 1, exp(-z), 0.3)",
               "where(z > 0, z, exp(z) - 1) + 0.1*relu(z - 1)", "abs(z)*exp(-z^2)", "relu(z) + 0.1*sin(3*z)",
               "z*cos(z)", "min(abs(z), 2)", "relu(z)*cos(z)", "max(tanh(z), 0.2)"});
}

/// Its name, defined where it needs to be.
std::string named(std::mt19937_64& random, std::string& definitions) {
  const std::string text = activation(random);
  if (text.find('z') == std::string::npos || text == "gaussian") return text;
  const auto number = std::count(definitions.begin(), definitions.end(), '\n');
  definitions += fmt::format("activation f{}(z) = {}\n", number, text);
  return fmt::format("f{}", number);
}

std::string dense(std::mt19937_64& random) {
  const std::string bias = pick(random, {"0", "0", "0.1", "1"});
  return fmt::format("dense(W_std = {}, b_std = {})", pick(random, {"0.7", "1", "1.5", "1e-3", "30"}), bias);
}

}  // namespace

std::string random_kernel(std::mt19937_64& random) {
  std::string definitions;
  std::string body = "h0 = x |> " + dense(random) + "\n";
  const std::size_t steps = 1 + below(random, 3);
  const auto layer = [&] { return named(random, definitions) + " |> " + dense(random); };
  for (std::size_t i = 0; i < steps; ++i) {
    const std::string h = fmt::format("h{}", i);
    std::string next;
    switch (below(random, 7)) {
      case 0:
        next = fmt::format("{} + 0.5 * ({} |> {})", h, h, layer());
        break;
      case 1:
        next = fmt::format("concat({} |> {}, {} |> {}) |> {}", h, layer(), h, layer(), dense(random));
        break;
      case 2:
        next = fmt::format("({} |> {}) * ({} |> {}) |> {}", h, layer(), h, layer(), dense(random));
        break;
      case 3:
        body += fmt::format("g{} = {}\nrepeat {} {{ g{} = g{} + 0.3 * (g{} |> {}) }}\n", i, h,
                            2 + below(random, 3), i, i, i, layer());
        next = fmt::format("g{}", i);
        break;
      default:
        next = fmt::format("{} |> {}", h, layer());
    }
    body += fmt::format("h{} = {}\n", i + 1, next);
  }
  const std::string last = chance(random, 3) ? " |> " + named(random, definitions) : "";
  return fmt::format("{}network n\ninput x : vector(3)\n{}output h{}{}\n", definitions, body, steps, last);
}

Matrix random_inputs(std::mt19937_64& random, std::ptrdiff_t rows, std::ptrdiff_t columns) {
  std::normal_distribution<double> normal;
  Matrix x(rows, columns);
  const bool is_wild = chance(random, 3);
  for (std::ptrdiff_t i = 0; i < rows; ++i) {
    double* row = x.data() + i * columns;
    const double* other = x.data() + static_cast<std::ptrdiff_t>(i == 0 ? 0 : below(random, i)) * columns;
    const double exponent = std::uniform_real_distribution<double>(-1, 1)(random) * (is_wild ? 150 : 2);
    const double scale = chance(random, 2) ? 1 : std::pow(10.0, exponent);
    const std::size_t kind = below(random, i == 0 ? 2 : 8);
    const double noise = std::pow(10.0, std::uniform_real_distribution<double>(-14, -1)(random));
    const double size = std::abs(other[0]) + 1e-300;
    for (std::ptrdiff_t c = 0; c < columns; ++c) {
      const double fresh = scale * normal(random);
      row[c] = kind == 0   ? 0
               : kind == 2 ? other[c]
               : kind == 3 ? -other[c]
               : kind == 4 ? other[c] + noise * size * normal(random)
               : kind == 5 ? (std::abs(other[c]) < 1e100 ? 2.5 * other[c] : other[c])
                           : fresh;
    }
  }
  return x;
}

namespace {

template <typename T>
BasicMatrix<T> square(const KernelFunctions& kernel, KernelKind kind, const Matrix& x) {
  BasicMatrix<T> k(x.rows(), x.rows());
  gram<T>(kernel, kind, x.view(), k.view(), {1, {}});
  return k;
}

template <typename T>
BasicMatrix<T> rectangle(const KernelFunctions& kernel, KernelKind kind, MatrixView<const double> x,
                         const Matrix& y) {
  BasicMatrix<T> k(x.rows, y.rows());
  cross_gram<T>(kernel, kind, x, y.view(), k.view(), {1, {}});
  return k;
}

/// The rows of x in this order.
Matrix permuted(const Matrix& x, const std::vector<std::ptrdiff_t>& order) {
  Matrix result(x.rows(), x.columns());
  for (std::ptrdiff_t i = 0; i < x.rows(); ++i)
    std::copy_n(x.data() + order[static_cast<std::size_t>(i)] * x.columns(), x.columns(),
                result.data() + i * x.columns());
  return result;
}

/// What is wrong with the entries by themselves.
template <typename T>
std::string unsound(const BasicMatrix<T>& k) {
  for (std::ptrdiff_t i = 0; i < k.rows(); ++i) {
    if (k(i, i) < 0) return fmt::format("K({0}, {0}) = {1}", i, k(i, i));
    for (std::ptrdiff_t j = 0; j < k.columns(); ++j) {
      if (!std::isfinite(k(i, j))) return fmt::format("K({}, {}) = {}", i, j, k(i, j));
      const double bound = std::sqrt(static_cast<double>(k(i, i))) * std::sqrt(static_cast<double>(k(j, j)));
      if (std::abs(static_cast<double>(k(i, j))) > 1.0011 * bound + 1e-37 * (sizeof(T) == 4))
        return fmt::format("|K({}, {})| = {} > {}", i, j, k(i, j), bound);
    }
  }
  return {};
}

/// What exchanging, reordering and separating rows change.
template <typename T>
std::string unsymmetric(const KernelFunctions& kernel, KernelKind kind, const Matrix& x,
                        const BasicMatrix<T>& k, std::mt19937_64& random) {
  const std::ptrdiff_t n = x.rows();
  const auto differs = [&](const char* what, std::ptrdiff_t i, std::ptrdiff_t j, T other) {
    return fmt::format("{} of ({}, {}): {} and {}", what, i, j, k(i, j), other);
  };
  const BasicMatrix<T> crossed = rectangle<T>(kernel, kind, x.view(), x);
  std::vector<std::ptrdiff_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::ranges::shuffle(order, random);
  const BasicMatrix<T> reordered = square<T>(kernel, kind, permuted(x, order));
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    const BasicMatrix<T> alone = rectangle<T>(kernel, kind, {x.data() + i * x.columns(), 1, x.columns()}, x);
    for (std::ptrdiff_t j = 0; j < n; ++j) {
      if (crossed(i, j) != k(i, j)) return differs("gram(X) and gram(X, X)", i, j, crossed(i, j));
      if (k(j, i) != k(i, j)) return differs("exchange", i, j, k(j, i));
      if (alone(0, j) != k(i, j)) return differs("a row alone", i, j, alone(0, j));
      const std::ptrdiff_t a = order[static_cast<std::size_t>(i)];
      const std::ptrdiff_t b = order[static_cast<std::size_t>(j)];
      if (reordered(i, j) != k(a, b)) return differs("another order", a, b, reordered(i, j));
    }
  }
  return {};
}

double stated_at(const KernelFunctions& kernel, const Matrix& x, std::ptrdiff_t i) {
  return expansion_remainder(kernel, {x.data() + i * x.columns(), 1, x.columns()});
}

/// Compares some entries with the interpreter.
template <typename T>
void compare(const kernel_ir::Program& program, const KernelFunctions& kernel, const char* root,
             const Matrix& x, const BasicMatrix<T>& k, int oracle, std::mt19937_64& random,
             Finding& finding) {
  const auto at = std::ranges::find(program.roots, root, &kernel_ir::Root::name);
  const auto position = static_cast<std::size_t>(at - program.roots.begin());
  const auto row = [&](std::ptrdiff_t i) {
    return std::span(x.data() + i * x.columns(), static_cast<std::size_t>(x.columns()));
  };
  const auto exact = [&](std::ptrdiff_t i, std::ptrdiff_t j) {
    return static_cast<double>(
        kernel_ir::interpret(program, kernel_ir::input_covariance(row(i), row(j)))[position]);
  };
  for (int c = 0; c < oracle; ++c) {
    const auto i = static_cast<std::ptrdiff_t>(below(random, static_cast<std::size_t>(x.rows())));
    const auto j = static_cast<std::ptrdiff_t>(below(random, static_cast<std::size_t>(x.rows())));
    const double scale = std::sqrt(exact(i, i)) * std::sqrt(exact(j, j));
    const double expected = exact(i, j);
    if (!std::isfinite(scale) || !std::isfinite(expected)) continue;
    ++finding.compared;
    const double found = static_cast<double>(k(i, j));
    if (scale == 0) {
      if (found != 0)
        finding.violation = fmt::format("{}({}, {}) = {}, and the interpreter has 0", root, i, j, found);
      continue;
    }
    if (scale < (sizeof(T) == 4 ? 1e-37 : 1e-300)) continue;
    const double stated = std::sqrt(stated_at(kernel, x, i)) * std::sqrt(stated_at(kernel, x, j));
    const double error = std::abs(found - expected) / scale;
    finding.largest_stated = std::max(finding.largest_stated, stated);
    finding.largest_error = std::max(finding.largest_error, error - stated);
    if (!(error <= 1.1e-3))
      finding.violation = fmt::format("{}({}, {}) = {}, and the interpreter has {}; stated {}", root, i, j,
                                      found, expected, stated);
  }
}

/// Of all expansions at one input.
double interpreter_work(const kernel_ir::Program& program) {
  double work = 0;
  for (kernel_ir::NodeId id = 0; id < program.size(); ++id) {
    const kernel_ir::Node& node = program[id];
    if (node.operation != kernel_ir::Operation::hermite_series) continue;
    const hermite::Terms& terms = program.expansion(node).terms;
    const double degrees = terms.degree(terms.count - 1) + 1.0 + terms.entries() - terms.count;
    const double intervals = static_cast<double>(terms.rule.breaks.size()) + 1;
    work += degrees * terms.rule.nodes * 2 * intervals;
  }
  return work;
}

template <typename T>
void examine_in(const KernelFunctions& kernel, const kernel_ir::Program& program, const Matrix& x, int oracle,
                std::mt19937_64& random, Finding& finding) {
  for (const KernelKind kind : {KernelKind::sigma, KernelKind::theta}) {
    try {
      const BasicMatrix<T> k = square<T>(kernel, kind, x);
      finding.violation = unsound(k);
      if (finding.violation.empty()) finding.violation = unsymmetric<T>(kernel, kind, x, k, random);
      const char* root = kind == KernelKind::sigma ? "Sigma" : "Theta";
      if (finding.violation.empty()) compare<T>(program, kernel, root, x, k, oracle, random, finding);
    } catch (const InputError&) {
      finding.is_refused = true;
    } catch (const NumericalError&) {
      finding.is_refused = true;
    }
    if (!finding.violation.empty()) return;
  }
}

}  // namespace

Finding examine(const std::string& network, const Matrix& inputs, Precision precision, const Oracle& oracle,
                std::mt19937_64& random) {
  Finding finding;
  CompileOptions options;
  options.precision = precision;
  options.sigma = options.theta = true;
  KernelFunctions kernel;
  driver::Compilation compilation(network, options, "random.arch");
  std::optional<driver::Optimized> optimized;
  try {
    optimized = compilation.require(driver::optimized_of(compilation));
    kernel = compile(network, options, "random.arch");
  } catch (const CompileError&) {
    return finding;
  }
  finding.is_compiled = true;
  const int entries = interpreter_work(optimized->program) <= oracle.most_work ? oracle.entries : 0;
  if (precision == Precision::f64)
    examine_in<double>(kernel, optimized->program, inputs, entries, random, finding);
  else
    examine_in<float>(kernel, optimized->program, inputs, entries, random, finding);
  return finding;
}

}  // namespace ntkc::fuzz
