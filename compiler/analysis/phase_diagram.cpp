// Fixed points over one or two parameters of a network, and the edge of chaos among them.
#include <fmt/format.h>

#include <boost/math/tools/roots.hpp>
#include <cmath>

#include "ntkc/analysis.hpp"

namespace ntkc {

namespace {

class Diagram {
 public:
  Diagram(std::string_view arch_text, const CompileOptions& options, const std::string& file_name,
          const std::vector<Sweep>& sweeps, const std::function<void(double)>& progress)
      : text_(arch_text), options_(options), file_name_(file_name), progress_(progress) {
    result_.sweeps = sweeps;
  }

  PhaseDiagram run() {
    const std::size_t rows = row_count();
    const std::size_t columns = result_.sweeps[0].values.size();
    const auto points = static_cast<double>(rows * columns);
    for (std::size_t j = 0; j < rows; ++j)
      for (std::size_t i = 0; i < columns; ++i) {
        if (progress_) progress_(static_cast<double>(result_.points.size()) / points);
        result_.points.push_back(at(first(i), second(j)));
      }
    for (std::size_t j = 0; j < rows; ++j)
      for (std::size_t i = 0; i + 1 < columns; ++i)
        cross({first(i), second(j)}, {first(i + 1), second(j)}, j * columns + i, 1);
    // An edge along the first sweep is met by the second only.
    if (result_.edge.empty())
      for (std::size_t j = 0; j + 1 < rows; ++j)
        for (std::size_t i = 0; i < columns; ++i)
          cross({first(i), second(j)}, {first(i), second(j + 1)}, j * columns + i, columns);
    if (progress_) progress_(1);
    return std::move(result_);
  }

 private:
  [[nodiscard]] std::size_t row_count() const {
    return result_.sweeps.size() > 1 ? result_.sweeps[1].values.size() : 1;
  }
  [[nodiscard]] double first(std::size_t i) const { return result_.sweeps[0].values[i]; }
  [[nodiscard]] double second(std::size_t j) const {
    return result_.sweeps.size() > 1 ? result_.sweeps[1].values[j] : 0;
  }

  [[nodiscard]] FixedPoint at(double first_value, double second_value) {
    CompileOptions options = options_;
    if (!result_.points.empty()) options.on_warning = {};  // all points have the same warnings
    options.definitions[result_.sweeps[0].parameter] = literal(first_value);
    if (result_.sweeps.size() > 1) options.definitions[result_.sweeps[1].parameter] = literal(second_value);
    const Recursion recursion(text_, options, file_name_);
    result_.network = recursion.network();
    return find_fixed_point(recursion);
  }

  /// A value as a constant expression; whole numbers stay integers, which counts must be.
  static std::string literal(double value) {
    return value == std::floor(value) && std::abs(value) < 1e15 ? fmt::format("{:.0f}", value)
                                                                : fmt::format("{:.17g}", value);
  }

  /// Adds the point between two neighbours where χ₁ passes 1, if it does.
  void cross(PhaseDiagram::Edge from, PhaseDiagram::Edge to, std::size_t index, std::size_t stride) {
    const double before = std::log(result_.points[index].chi_1);
    const double after = std::log(result_.points[index + stride].chi_1);
    if (!std::isfinite(before) || !std::isfinite(after) || (before > 0) == (after > 0)) return;
    const auto between = [&](double t) {
      return PhaseDiagram::Edge{from.first + t * (to.first - from.first),
                                from.second + t * (to.second - from.second)};
    };
    const auto log_chi = [&](double t) {
      if (progress_) progress_(1);
      return std::log(at(between(t).first, between(t).second).chi_1);
    };
    const auto close = [](double a, double b) { return std::abs(a - b) <= 1e-7; };
    double t = before == 0 ? 0 : 1;
    if (before != 0 && after != 0) {
      std::uintmax_t steps = 60;
      const auto [low, high] =
          boost::math::tools::toms748_solve(log_chi, 0.0, 1.0, before, after, close, steps);
      t = (low + high) / 2;
    }
    result_.edge.push_back(between(t));
  }

  std::string_view text_;
  const CompileOptions& options_;
  const std::string& file_name_;
  const std::function<void(double)>& progress_;
  PhaseDiagram result_;
};

}  // namespace

PhaseDiagram find_phases(std::string_view arch_text, const CompileOptions& options,
                         const std::string& file_name, const std::vector<Sweep>& sweeps,
                         const std::function<void(double)>& progress) {
  return Diagram(arch_text, options, file_name, sweeps, progress).run();
}

}  // namespace ntkc
