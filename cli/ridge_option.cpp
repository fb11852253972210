#include "cli/ridge_option.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string_view>
#include <utility>

#include "cli/command.hpp"
#include "cli/text_table.hpp"

namespace ntkc::cli {
namespace {

constexpr std::size_t most_ridges = 1000;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text.find(separator, begin)) != std::string::npos; begin = end + 1)
    parts.push_back(text.substr(begin, end - begin));
  parts.push_back(text.substr(begin));
  return parts;
}

/// FROM:TO:COUNT, each a factor from the one before. Returns what is wrong, "" if nothing is.
std::string read_range(const std::vector<std::string>& parts, std::vector<double>& values) {
  const auto from = finite_number(parts[0]);
  const auto to = finite_number(parts[1]);
  const auto count = finite_number(parts[2]);
  if (!from || !to || !count || !(*from > 0) || !(*to > *from))
    return "a range is FROM:TO:COUNT with 0 < FROM < TO";
  if (*count != std::floor(*count) || *count < 2 || *count > static_cast<double>(most_ridges))
    return fmt::format("a range has 2 to {} ridges", most_ridges);
  for (int i = 0; i < static_cast<int>(*count); ++i)
    values.push_back(*from * std::pow(*to / *from, i / (*count - 1)));
  return "";
}

/// The ridges that a text names. Returns what is wrong with it, "" if nothing is.
std::string read_ridges(const std::string& text, std::vector<double>& values) {
  if (text == "auto") {
    values = RidgeSearch::usual().values;
    return "";
  }
  if (const std::vector<std::string> parts = split(text, ':'); parts.size() == 3) {
    const std::string error = read_range(parts, values);
    return error.empty() ? "" : fmt::format("`{}`: {}", text, error);
  }
  for (const std::string& part : split(text, ',')) {
    const auto value = finite_number(part);
    if (!value || *value < 0)
      return fmt::format(
          "`{}` is not a finite number ≥ 0; write a number, several as a,b,c, a range as FROM:TO:COUNT, or "
          "auto",
          part);
    values.push_back(*value);
  }
  return values.size() > most_ridges ? fmt::format("more than {} ridges", most_ridges) : "";
}

std::string ridge_error(const std::string& text) {
  std::vector<double> values;
  return read_ridges(text, values);
}

std::string_view criterion_text(RidgeCriterion criterion) {
  switch (criterion) {
    case RidgeCriterion::leave_one_out:
      return "the least error of leaving one out";
    case RidgeCriterion::generalized_cross_validation:
      return "the least generalised cross-validation";
    case RidgeCriterion::marginal_likelihood:
      return "the largest marginal likelihood";
  }
  return "";
}

}  // namespace

void RidgeOption::declare(Options& options) {
  options
      .option("--ridge", relative_,
              "λ in units of tr(K)/n (default 1e-6), or several to choose from: a,b,c, FROM:TO:COUNT (each a "
              "factor from the one before), or auto (1e-10 to 100)")
      .value_name("R")
      .check(ridge_error);
  options.option("--ridge-absolute", absolute_, "λ itself, or several").value_name("R").check(ridge_error);
  options.choice("--select", criterion_,
                 "what one of several ridges is chosen by: leaving one out (default), generalised "
                 "cross-validation, or the marginal likelihood",
                 {"loo", "gcv", "evidence"});
}

void RidgeOption::validate() const {
  if (!relative_.empty() && !absolute_.empty())
    throw UsageError("--ridge and --ridge-absolute exclude each other");
  if (absolute_ == "auto")
    throw UsageError("--ridge-absolute has no usual values; write --ridge=auto, or FROM:TO:COUNT");
  if (!criterion_.empty() && !is_choice())
    throw UsageError("--select is for several ridges: --ridge=auto, a,b,c or FROM:TO:COUNT");
}

std::vector<double> RidgeOption::values() const {
  std::vector<double> result;
  const std::string& text = relative_.empty() ? absolute_ : relative_;
  if (!text.empty()) read_ridges(text, result);
  return result;
}

bool RidgeOption::is_choice() const { return values().size() > 1; }

RidgeCriterion RidgeOption::criterion() const {
  if (criterion_ == "gcv") return RidgeCriterion::generalized_cross_validation;
  if (criterion_ == "evidence") return RidgeCriterion::marginal_likelihood;
  return RidgeCriterion::leave_one_out;
}

void RidgeOption::apply(FitOptions& options) const {
  const std::vector<double> all = values();
  if (all.size() > 1)
    options.ridge_search = {all, absolute_.empty(), criterion()};
  else if (!all.empty())
    options.ridge = {all[0], absolute_.empty()};
}

std::string path_text(const RidgePath& path, RidgeCriterion criterion) {
  std::vector<std::vector<std::string>> rows = {{"", "ridge", "loo", "gcv", "evidence", "freedom"}};
  for (std::size_t i = 0; i < path.judgements.size(); ++i) {
    const RidgeJudgement& each = path.judgements[i];
    std::vector<std::string>& row = rows.emplace_back();
    row = {i == path.best ? "*" : "", fmt::format("{:.3g}", each.value)};
    if (each.is_below_rounding) {
      row.emplace_back("below rounding");
      continue;
    }
    row.push_back(fmt::format("{:.5g}", each.leave_one_out));
    row.push_back(fmt::format("{:.5g}", each.generalized_cross_validation));
    row.push_back(fmt::format("{:.6g}", each.log_marginal_likelihood));
    row.push_back(fmt::format("{:.4g}", each.effective_degrees_of_freedom));
  }
  return fmt::format("chosen   from {} by {}\n", path.judgements.size(), criterion_text(criterion)) +
         aligned(rows) +
         fmt::format("spectrum eigenvalues of K from {:.3g} to {:.3g}\n", path.smallest_eigenvalue,
                     path.largest_eigenvalue);
}

Json path_json(const RidgePath& path, RidgeCriterion criterion) {
  Json judgements = Json::array();
  for (const RidgeJudgement& each : path.judgements) {
    Json entry = {{"value", each.value}, {"ridge", each.ridge}, {"below_rounding", each.is_below_rounding}};
    if (!each.is_below_rounding) {
      entry["leave_one_out"] = each.leave_one_out;
      entry["gcv"] = each.generalized_cross_validation;
      entry["log_marginal_likelihood"] = each.log_marginal_likelihood;
      entry["effective_degrees_of_freedom"] = each.effective_degrees_of_freedom;
    }
    judgements.push_back(std::move(entry));
  }
  return {{"criterion", name(criterion)},
          {"best", path.best},
          {"smallest_eigenvalue", path.smallest_eigenvalue},
          {"largest_eigenvalue", path.largest_eigenvalue},
          {"judgements", std::move(judgements)}};
}

}  // namespace ntkc::cli
