#include "tests/latex/reader.hpp"

#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cctype>
#include <cmath>
#include <numbers>
#include <set>
#include <stdexcept>
#include <utility>

namespace ntkc::test {
namespace {

using Tokens = std::vector<std::string>;

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// Commands, numbers, letters and signs; nothing of what is only for the eye.
Tokens tokens_of(const std::string& text) {
  static const std::set<std::string> layout = {"\\,",     "\\!",    "\\bigl",  "\\bigr",
                                               "\\Bigl",  "\\Bigr", "\\biggl", "\\biggr",
                                               "\\qquad", "\\cdot", "\\left",  "\\right"};
  Tokens result;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    if (text[i] == '\\') {
      while (end < text.size() && is_letter(text[end])) ++end;
      if (end == i + 1) ++end;
    } else if (is_digit(text[i])) {
      while (end < text.size() && (is_digit(text[end]) || text[end] == '.')) ++end;
      if (text[end - 1] == '.') --end;  // a full stop
    }
    const std::string token = text.substr(i, end - i);
    const bool is_space = std::isspace(static_cast<unsigned char>(token[0])) != 0;
    if (!is_space && token != "&" && !layout.contains(token)) result.push_back(token);
    i = end;
  }
  return result;
}

/// P(U > h, V > k) of correlation r: the integral over u > h of what is left of v.
double orthant(double h, double k, double r) {
  const double s = std::sqrt(1 - r * r);
  const auto density = [&](double u) {
    return std::exp(-u * u / 2) / std::sqrt(2 * std::numbers::pi) *
           std::erfc((k - r * u) / s / std::sqrt(2.0)) / 2;
  };
  double sum = 0;
  constexpr double panel = 0.5;
  for (double from = std::max(h, -14.0); from < 14; from += panel)
    sum += boost::math::quadrature::gauss_kronrod<double, 31>::integrate(density, from, from + panel, 0);
  return sum;
}

}  // namespace

/// One expression: recursive descent, values straight away.
class Equations::Evaluation {
 public:
  Evaluation(const Equations& equations, std::map<std::string, double> values)
      : equations_(equations), values_(std::move(values)) {}

  double of(const Tokens& tokens) {
    const Tokens before = std::exchange(tokens_, tokens);
    const std::size_t at = std::exchange(at_, 0);
    const double value = sum();
    if (at_ != tokens_.size()) fail("`" + tokens_[at_] + "` is left over");
    tokens_ = before;
    at_ = at;
    return value;
  }

  double symbol(const std::string& name) {
    if (const auto bound = values_.find(name); bound != values_.end()) return bound->second;
    if (const auto found = equations_.equations_.find(name); found != equations_.equations_.end())
      return of(found->second.right);
    if (name == "\\pi") return std::numbers::pi;
    // M_ji is M_ij with q and q' exchanged.
    if (name.starts_with("M_{")) {
      const std::string indices = name.substr(3, name.size() - 4);
      const std::size_t comma = indices.find(',');
      const std::size_t split = comma == std::string::npos ? 1 : comma;
      const std::string i = indices.substr(0, split);
      const std::string j = indices.substr(comma == std::string::npos ? 1 : comma + 1);
      if (std::stoi(i) <= std::stoi(j)) fail("`" + name + "` has no value");
      std::swap(values_["q"], values_["q'"]);
      const double value = symbol("M_{" + j + (comma == std::string::npos ? "" : ",") + i + "}");
      std::swap(values_["q"], values_["q'"]);
      return value;
    }
    fail("`" + name + "` has no value");
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    std::string all;
    for (const std::string& token : tokens_) all += token + " ";
    throw std::invalid_argument(what + " in " + all);
  }
  [[nodiscard]] std::string peek() const { return at_ < tokens_.size() ? tokens_[at_] : ""; }
  std::string next() {
    if (at_ == tokens_.size()) fail("something is missing");
    return tokens_[at_++];
  }
  bool take(const std::string& token) {
    if (peek() != token) return false;
    ++at_;
    return true;
  }
  void expect(const std::string& token) {
    if (!take(token)) fail("`" + token + "` is missing before `" + peek() + "`");
  }

  double sum() {
    double value = take("-") ? -product() : product();
    while (true) {
      if (take("+")) {
        value += product();
      } else if (take("-")) {
        value -= product();
      } else {
        return value;
      }
    }
  }
  [[nodiscard]] bool at_end() const {
    static const std::set<std::string> ends = {"", "+", "-", ")", "}", "]", ",", ";", "/", "\\rvert"};
    return ends.contains(peek());
  }
  double product() {
    while (peek() == "{" && at_ + 1 < tokens_.size() && tokens_[at_ + 1] == "}") at_ += 2;
    double value = factor();
    while (true) {
      if (take("/")) {
        value /= factor();
      } else if (at_end()) {
        return value;
      } else {
        value *= factor();
      }
    }
  }
  double factor() {
    const bool is_e = peek() == "e";
    const double value = is_e ? (next(), std::numbers::e) : base();
    if (!take("^")) return is_e ? (fail("e without an exponent"), 0) : value;
    return std::pow(value, peek() == "{" ? group() : base());
  }
  double group() {
    expect("{");
    const double value = sum();
    expect("}");
    return value;
  }
  double base() {
    const std::string token = next();
    if (is_digit(token[0])) return std::stod(token);
    if (token == "(") {
      const double value = sum();
      expect(")");
      return value;
    }
    if (token == "\\lvert") {
      const double value = sum();
      expect("\\rvert");
      return std::fabs(value);
    }
    if (token == "\\frac") {
      const double above = group();
      return above / group();
    }
    if (token == "\\sqrt") return std::sqrt(group());
    if (token == "\\sin" || token == "\\cos") {
      const double exponent = take("^") ? (peek() == "{" ? group() : base()) : 1;  // cos^2 x
      const double x = argument();
      return std::pow(token == "\\sin" ? std::sin(x) : std::cos(x), exponent);
    }
    if (token == "\\sinh") return std::sinh(argument());
    if (token == "\\cosh") return std::cosh(argument());
    if (token == "\\arcsin") return std::asin(argument());
    if (token == "\\operatorname") {
      std::string name;
      expect("{");
      while (!take("}")) name += next();
      if (name != "erf") fail("no function " + name);
      return std::erf(argument());
    }
    --at_;
    return named();
  }
  /// Of \sin and the like: in parentheses, or one thing.
  double argument() { return base(); }

  double named() {
    const std::string name = read_symbol();
    const auto found = equations_.equations_.find(name);
    const bool is_function = found != equations_.equations_.end() && !found->second.arguments.empty();
    static const std::set<std::string> known = {"\\Phi", "\\Phi'", "L", "F"};
    if (!is_function && !known.contains(name)) return symbol(name);
    expect("(");
    std::vector<double> arguments = {sum()};
    while (take(",") || take(";")) arguments.push_back(sum());
    expect(")");
    if (name == "\\Phi") return std::erfc(-arguments.at(0) / std::sqrt(2.0)) / 2;
    if (name == "\\Phi'")
      return std::exp(-arguments.at(0) * arguments.at(0) / 2) / std::sqrt(2 * std::numbers::pi);
    if (name == "F") {
      const double x = arguments.at(0);
      const auto integrand = [&](double y) { return std::exp(y * y - x * x); };
      return boost::math::quadrature::gauss_kronrod<double, 61>::integrate(integrand, 0.0, x, 0);
    }
    if (name == "L") return orthant(arguments.at(0), arguments.at(1), arguments.at(2));
    if (arguments.size() != found->second.arguments.size()) fail("arguments of " + name);
    Evaluation inner(equations_, values_);
    for (std::size_t i = 0; i < arguments.size(); ++i)
      inner.values_[found->second.arguments[i]] = arguments[i];
    return inner.of(found->second.right);
  }

 public:
  /// A letter with its hat, primes and index.
  std::string read_symbol() {
    std::string name = next();
    if (name == "\\hat" || name.starts_with("\\math")) {
      expect("{");
      name += "{";
      while (!take("}")) name += next();
      name += "}";
    } else if (!is_letter(name[0]) && name[0] != '\\') {
      fail("`" + name + "` is no symbol");
    }
    while (take("'")) name += "'";
    if (take("_")) {
      name += "_";
      int depth = 0;
      do {
        const std::string token = next();
        depth += token == "{" ? 1 : token == "}" ? -1 : 0;
        name += token;
      } while (depth > 0);
    }
    return name;
  }
  /// The left side of an equation: a symbol, perhaps with arguments.
  std::pair<std::string, std::vector<std::string>> left(const Tokens& tokens) {
    tokens_ = tokens;
    at_ = 0;
    std::pair<std::string, std::vector<std::string>> result = {read_symbol(), {}};
    if (!take("(")) return result;
    do {
      result.second.push_back(read_symbol());
    } while (take(",") || take(";"));
    return result;
  }

 private:
  const Equations& equations_;
  std::map<std::string, double> values_;
  Tokens tokens_;
  std::size_t at_ = 0;
};

Equations::Equations(const std::string& document) {
  const std::string begin = "\\begin{align*}";
  const std::string end = "\\end{align*}";
  for (std::size_t at = 0; (at = document.find(begin, at)) != std::string::npos;) {
    const std::size_t stop = document.find(end, at);
    std::string body = document.substr(at + begin.size(), stop - at - begin.size());
    at = stop;
    // Lines that are broken go on behind a blank.
    const std::string more = "\\\\\n  &\\qquad {}";
    for (std::size_t i = 0; (i = body.find(more)) != std::string::npos;) body.replace(i, more.size(), " ");
    std::size_t from = 0;
    while (from < body.size()) {
      std::size_t to = body.size();
      std::size_t skip = 0;
      for (const std::string separator : {", \\\\\n", ", \\qquad", "\\\\\n"}) {
        const std::size_t here = body.find(separator, from);
        if (here < to) {
          to = here;
          skip = separator.size();
        }
      }
      add(body.substr(from, to - from));
      from = to + std::max<std::size_t>(skip, 1);
    }
  }
}

void Equations::add(const std::string& equation) {
  const std::size_t middle = equation.find('=');
  if (middle == std::string::npos) return;
  std::string left = equation.substr(0, middle);
  std::string right = equation.substr(middle + 1);
  while (!right.empty() && (std::isspace(static_cast<unsigned char>(right.back())) != 0 ||
                            right.back() == '.' || right.back() == ','))
    right.pop_back();
  if (const std::size_t kernel = left.find("[\\Sigma]"); kernel != std::string::npos) {
    const bool is_slope = left.find("\\dot") != std::string::npos;
    equations_[is_slope ? "slope" : "value"] = {{}, tokens_of(right)};
    return;
  }
  if (left.find("\\Sigma") != std::string::npos || left.find("\\Theta") != std::string::npos) return;
  Evaluation reading(*this, {});
  const auto [name, arguments] = reading.left(tokens_of(left));
  equations_[name] = {arguments, tokens_of(right)};
}

double Equations::evaluate(const std::string& symbol, double q, double q2, double c) const {
  std::map<std::string, double> values = values_;
  values["q"] = q;
  values["q'"] = q2;
  values["c"] = c;
  values["u"] = c / std::sqrt(q * q2);
  values["\\theta"] = std::acos(values["u"]);
  return Evaluation(*this, values).symbol(symbol);
}

}  // namespace ntkc::test
