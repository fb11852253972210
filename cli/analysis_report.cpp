#include "cli/analysis_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/text_table.hpp"

namespace ntkc::cli {

namespace {

/// What expansions leave out is said where it may show in the digits that are printed.
constexpr double reported_remainder = 1e-8;

std::string number(const std::optional<double>& value, const char* absent) {
  return value ? fmt::format("{:.6g}", *value) : absent;
}

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

/// Of one value as it is; of several, "a 0.5, b 0.3".
template <typename Text>
std::string of_values(const FixedPoint& point, const Text& text) {
  if (point.values.size() == 1) return text(point.values[0]);
  std::string joined;
  for (const ValueLimit& value : point.values)
    joined += fmt::format("{}{} {}", joined.empty() ? "" : ", ", value.name, text(value));
  return joined;
}

std::string factor_text(const FixedPoint& point, const char* verb) {
  if (point.growth == 0 || !std::isfinite(point.growth))
    return fmt::format("q {} faster than by any factor", verb);
  if (std::abs(point.growth - 1) < 1e-4) return fmt::format("q {}, in the end by less than any factor", verb);
  return fmt::format("q {} by a factor of {:.6g} per iteration in the end", verb, point.growth);
}

std::string q_text(const FixedPoint& point) {
  const std::optional<double>& q = point.values[0].q;
  if (point.phase == Phase::unbounded) return "no fixed point: " + factor_text(point, "grows");
  if (point.every_q) return "every q is a fixed point: an iteration keeps it";
  if (*q == 0) return "q* = 0: " + factor_text(point, "shrinks");
  return fmt::format("q* = {}, slope {:.6g}, depth scale {}",
                     of_values(point, [](const ValueLimit& value) { return number(value.q, ""); }),
                     point.q_slope, number(point.q_depth, "infinite"));
}

std::string phase_text(const FixedPoint& point) {
  switch (point.phase) {
    case Phase::ordered:
      return "ordered: inputs become alike with depth, gradients vanish";
    case Phase::critical:
      return "critical: gradients are kept";
    case Phase::chaotic:
      return "chaotic: like inputs become unlike with depth, gradients explode";
    case Phase::unbounded:
      return "unbounded: q has no fixed point";
  }
  return "";
}

std::string correlation_text(const FixedPoint& point) {
  if (!point.values[0].u) return "every u is a fixed point in the limit";
  std::string text =
      fmt::format("u* = {}", of_values(point, [](const ValueLimit& value) { return number(value.u, ""); }));
  if (std::isfinite(point.chi_u)) text += fmt::format(", χ = {:.6g} there", point.chi_u);
  if (point.power_law) {
    const bool to_one = *point.values[0].u == 1;
    const std::string coefficient =
        point.power_law->coefficient ? fmt::format("{:.4g}", *point.power_law->coefficient) : "A";
    text += fmt::format(", approached as {} = {}/L^{:.4g}", to_one ? "1 - u" : "|u - u*|", coefficient,
                        point.power_law->exponent);
  }
  return text;
}

std::string depth_text(const std::optional<std::int64_t>& depth, const Conditioning& conditioning) {
  const auto iterations = [](std::int64_t count) {
    return fmt::format("{} iteration{}", count, count == 1 ? "" : "s");
  };
  if (depth) return "after " + iterations(*depth);
  if (conditioning.settled) return "never";
  if (conditioning.left_range)
    return fmt::format("not in {}, when q is beyond the range of double precision",
                       iterations(conditioning.followed));
  return fmt::format("not within {}", iterations(conditioning.followed));
}

std::string recursion_text(const std::string& network, const FixedPoint& point) {
  if (point.values.size() > 1)
    return fmt::format("{}: one iteration of its last `repeat`, of {} values made of one another\n", network,
                       point.values.size());
  return fmt::format("{}: one iteration of its last `repeat`\n", network);
}

std::string condition_lines(const std::string& name, const Conditioning& conditioning) {
  std::string text = fmt::format("condition number of the Gram matrix of {} orthogonal inputs, |x|² = d\n",
                                 conditioning.inputs);
  const auto line = [&](const char* kernel, const char* precision, double limit,
                        const std::optional<std::int64_t>& depth) {
    text += fmt::format("  {}{}  above 1/ε of {} ({:.2g}): {}\n", kernel, name, precision, limit,
                        depth_text(depth, conditioning));
  };
  line("Sigma", "f32", conditioning.f32.limit, conditioning.f32.sigma);
  line("Sigma", "f64", conditioning.f64.limit, conditioning.f64.sigma);
  line("Theta", "f32", conditioning.f32.limit, conditioning.f32.theta);
  line("Theta", "f64", conditioning.f64.limit, conditioning.f64.theta);
  return text;
}

std::vector<std::string> row(const FixedPoint& point) {
  const char* const no_q = "infinite";
  const auto q = [&](const ValueLimit& value) { return number(value.q, no_q); };
  const auto u = [](const ValueLimit& value) { return number(value.u, "every"); };
  return {of_values(point, q),
          fmt::format("{:.6g}", point.chi_1),
          std::string(name(point.phase)),
          of_values(point, u),
          number(point.correlation_depth, "infinite"),
          number(point.trainable_depth, "infinite")};
}

std::string points_table(const PhaseDiagram& diagram) {
  std::vector<std::vector<std::string>> rows = {
      {diagram.sweeps[0].parameter, "q*", "χ₁", "phase", "u*", "ξ", "6ξ"}};
  for (std::size_t i = 0; i < diagram.points.size(); ++i) {
    rows.push_back({fmt::format("{:.6g}", diagram.sweeps[0].values[i])});
    for (std::string& cell : row(diagram.points[i])) rows.back().push_back(std::move(cell));
  }
  return aligned(rows);
}

std::string phase_counts(const PhaseDiagram& diagram) {
  std::string text =
      fmt::format("{} × {} values of {} and {}:", diagram.sweeps[0].values.size(),
                  diagram.sweeps[1].values.size(), diagram.sweeps[0].parameter, diagram.sweeps[1].parameter);
  const char* separator = " ";
  for (const Phase phase : {Phase::ordered, Phase::critical, Phase::chaotic, Phase::unbounded}) {
    const auto count = std::count_if(diagram.points.begin(), diagram.points.end(),
                                     [&](const FixedPoint& point) { return point.phase == phase; });
    if (count == 0) continue;
    text += fmt::format("{}{} {}", separator, count, name(phase));
    separator = ", ";
  }
  return text + "\n";
}

}  // namespace

std::string fixed_point_text(const std::string& network, const FixedPoint& point) {
  const auto entry = [](const ValueLimit& value) { return fmt::format("{:.6g}", value.entry_q); };
  std::string text = recursion_text(network, point) +
                     fmt::format("q on entry   {} for inputs with |x|² = d\n", of_values(point, entry)) +
                     fmt::format("variance     {}\n", q_text(point)) +
                     fmt::format("χ₁           {:.8g}\n", point.chi_1) +
                     fmt::format("phase        {}\n", phase_text(point)) +
                     fmt::format("correlation  {}\n", correlation_text(point)) +
                     fmt::format("ξ            {}\n", number(point.correlation_depth, "infinite")) +
                     fmt::format("trainable    up to 6ξ = {} iterations\n",
                                 number(point.trainable_depth, "infinitely many"));
  if (point.remainder > reported_remainder)
    text += fmt::format("expansions   leave out up to {:.1e} of a kernel entry\n", point.remainder);
  return text;
}

std::string conditioning_text(const FixedPoint& point, std::size_t value, const Conditioning& conditioning) {
  return condition_lines(point.values.size() == 1 ? "" : " of " + point.values[value].name, conditioning);
}

Json fixed_point_json(const FixedPoint& point) {
  const auto limits = [](const ValueLimit& value) {
    return Json{{"entry_q", value.entry_q}, {"q", or_null(value.q)}, {"u", or_null(value.u)}};
  };
  Json json = {{"phase", name(point.phase)}};
  if (point.values.size() == 1) {
    json.update(limits(point.values[0]));
  } else {
    json["values"] = Json::array();
    for (const ValueLimit& value : point.values) {
      json["values"].push_back({{"name", value.name}});
      json["values"].back().update(limits(value));
    }
  }
  json.update({{"every_q", point.every_q},
               {"growth", point.growth},
               {"q_slope", point.q_slope},
               {"q_depth", or_null(point.q_depth)},
               {"chi_1", point.chi_1},
               {"chi_u", point.chi_u},
               {"correlation_depth", or_null(point.correlation_depth)},
               {"trainable_depth", or_null(point.trainable_depth)},
               {"remainder", point.remainder},
               {"power_law", nullptr}});
  if (point.power_law)
    json["power_law"] = {{"exponent", point.power_law->exponent},
                         {"coefficient", or_null(point.power_law->coefficient)}};
  return json;
}

Json conditioning_json(const Conditioning& conditioning) {
  const auto depths = [](const ConditionDepth& depth) {
    return Json{{"limit", depth.limit}, {"sigma", or_null(depth.sigma)}, {"theta", or_null(depth.theta)}};
  };
  return {{"inputs", conditioning.inputs},
          {"followed", conditioning.followed},
          {"settled", conditioning.settled},
          {"f32", depths(conditioning.f32)},
          {"f64", depths(conditioning.f64)}};
}

std::string phases_text(const PhaseDiagram& diagram) {
  const bool plane = diagram.sweeps.size() > 1;
  std::string text = plane ? phase_counts(diagram) : points_table(diagram);
  for (const PhaseDiagram::Edge& edge : diagram.edge) {
    text += fmt::format("edge of chaos at {} = {:.8g}", diagram.sweeps[0].parameter, edge.first);
    if (plane) text += fmt::format(", {} = {:.8g}", diagram.sweeps[1].parameter, edge.second);
    text += '\n';
  }
  if (diagram.edge.empty()) text += "χ₁ does not pass 1 in this range\n";
  return text;
}

Json phases_json(const PhaseDiagram& diagram) {
  Json json;
  const bool plane = diagram.sweeps.size() > 1;
  const auto place = [&](double first, double second) {
    Json at = {{diagram.sweeps[0].parameter, first}};
    if (plane) at[diagram.sweeps[1].parameter] = second;
    return at;
  };
  json["points"] = Json::array();
  const std::size_t columns = diagram.sweeps[0].values.size();
  for (std::size_t k = 0; k < diagram.points.size(); ++k) {
    Json point = {{"parameters", place(diagram.sweeps[0].values[k % columns],
                                       plane ? diagram.sweeps[1].values[k / columns] : 0)}};
    point.update(fixed_point_json(diagram.points[k]));
    json["points"].push_back(std::move(point));
  }
  json["edge"] = Json::array();
  for (const PhaseDiagram::Edge& edge : diagram.edge) json["edge"].push_back(place(edge.first, edge.second));
  return json;
}

}  // namespace ntkc::cli
