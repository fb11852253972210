#include "tests/fuzz/random_kernels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <map>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

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
  if (chance(random, 12)) {
    const double slope = std::pow(10.0, std::uniform_real_distribution<double>(0, 5)(random));
    const double threshold = std::uniform_real_distribution<double>(-2, 2)(random);
    return fmt::format("{}({:.3g} * (z - {:.3g}))", pick(random, {"tanh", "erf", "sigmoid"}), slope,
                       threshold);
  }
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

/// Some pairs of rows and what the interpreter finds for them.
class ExactEntries {
 public:
  ExactEntries(const Subject& subject, const Matrix& x, std::mt19937_64& random) : subject_(subject), x_(x) {
    const auto row = [&] {
      return static_cast<std::ptrdiff_t>(below(random, static_cast<std::size_t>(x.rows())));
    };
    for (int c = 0; c < subject.entries; ++c) pairs_.emplace_back(row(), row());
  }

  const std::vector<std::pair<std::ptrdiff_t, std::ptrdiff_t>>& pairs() const { return pairs_; }

  double at(const char* root, std::ptrdiff_t i, std::ptrdiff_t j) {
    const auto& roots = subject_.program.roots;
    const auto position = std::ranges::find(roots, root, &kernel_ir::Root::name) - roots.begin();
    auto& values = found_[{i, j}];
    if (values.empty())
      values = kernel_ir::interpret(subject_.program, kernel_ir::input_covariance(row(i), row(j)));
    return static_cast<double>(values[static_cast<std::size_t>(position)]);
  }

 private:
  std::span<const double> row(std::ptrdiff_t i) const {
    return {x_.data() + i * x_.columns(), static_cast<std::size_t>(x_.columns())};
  }

  const Subject& subject_;
  const Matrix& x_;
  std::vector<std::pair<std::ptrdiff_t, std::ptrdiff_t>> pairs_;
  std::map<std::pair<std::ptrdiff_t, std::ptrdiff_t>, std::vector<kernel_ir::Quad>> found_;
};

template <typename T>
void compare(const Subject& subject, const char* root, const Matrix& x, const BasicMatrix<T>& k,
             ExactEntries& exact, Finding& finding) {
  for (const auto& [i, j] : exact.pairs()) {
    const double scale = std::sqrt(exact.at(root, i, i)) * std::sqrt(exact.at(root, j, j));
    const double expected = exact.at(root, i, j);
    if (!std::isfinite(scale) || !std::isfinite(expected)) continue;
    ++finding.compared;
    const double found = static_cast<double>(k(i, j));
    if (scale == 0) {
      if (found != 0)
        finding.violation = fmt::format("{}({}, {}) = {}, and the interpreter has 0", root, i, j, found);
      continue;
    }
    if (scale < (sizeof(T) == 4 ? 1e-37 : 1e-300)) continue;
    const double stated = std::max(stated_at(subject.kernel, x, i), stated_at(subject.kernel, x, j));
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
void examine_in(const Subject& subject, const Matrix& x, std::mt19937_64& random, Finding& finding) {
  ExactEntries exact(subject, x, random);
  for (const KernelKind kind : {KernelKind::sigma, KernelKind::theta}) {
    try {
      const BasicMatrix<T> k = square<T>(subject.kernel, kind, x);
      finding.violation = unsound(k);
      if (finding.violation.empty()) finding.violation = unsymmetric<T>(subject.kernel, kind, x, k, random);
      const char* root = kind == KernelKind::sigma ? "Sigma" : "Theta";
      if (finding.violation.empty()) compare<T>(subject, root, x, k, exact, finding);
    } catch (const InputError&) {
      finding.is_refused = true;
    } catch (const NumericalError&) {
      finding.is_refused = true;
    }
    if (!finding.violation.empty()) return;
  }
}

}  // namespace

std::optional<Subject> subject(const std::string& network, Precision precision, const Oracle& oracle) {
  CompileOptions options;
  options.precision = precision;
  options.sigma = options.theta = true;
  try {
    driver::Compilation compilation(network, options, "random.arch");
    const driver::Optimized optimized = compilation.require(driver::optimized_of(compilation));
    const int entries = interpreter_work(optimized.program) <= oracle.most_work ? oracle.entries : 0;
    return Subject{compile(network, options, "random.arch"), optimized.program, precision, entries};
  } catch (const CompileError&) {
    return std::nullopt;
  }
}

Finding examine(const Subject& subject, const Matrix& inputs, std::mt19937_64& random) {
  Finding finding;
  if (subject.precision == Precision::f64)
    examine_in<double>(subject, inputs, random, finding);
  else
    examine_in<float>(subject, inputs, random, finding);
  return finding;
}

}  // namespace ntkc::fuzz
