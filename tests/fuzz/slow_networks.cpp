#include "tests/fuzz/slow_networks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <vector>

namespace ntkc::fuzz {
namespace {

constexpr std::size_t most_bytes = 1U << 16U;

class SlowNetwork {
 public:
  SlowNetwork(std::mt19937& random, double most) : random_(random), most_(most) {}

  std::string run() {
    using Kind = void (SlowNetwork::*)();
    constexpr std::array<Kind, 10> kinds = {
        &SlowNetwork::layers,   &SlowNetwork::doubled,      &SlowNetwork::pieces, &SlowNetwork::many_uses,
        &SlowNetwork::branches, &SlowNetwork::deep_repeats, &SlowNetwork::nested, &SlowNetwork::streams,
        &SlowNetwork::mistakes, &SlowNetwork::pieces};
    (this->*kinds.at(below(kinds.size())))();
    return definitions_ + "network n\ninput x : vector(3)\n" + body_;
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  /// From 1 to `largest`, large ones as likely as small ones.
  std::size_t count(double largest) {
    const double share = static_cast<double>(below(1000)) / 1000;
    return static_cast<std::size_t>(std::pow(std::max(most_ * largest, 1.0), share));
  }
  std::string real(double low, double high) {
    return fmt::format("{:.4g}", low + (high - low) * static_cast<double>(below(10000)) / 10000);
  }
  std::string pick(std::initializer_list<const char*> choices) {
    return choices.begin()[below(choices.size())];
  }
  [[nodiscard]] bool has_room() const { return definitions_.size() + body_.size() + 200 < most_bytes; }

  std::string built_in() {
    return pick({"relu", "erf", "gelu", "tanh", "swish", "elu", "sin", "abs", "hard_tanh", "selu", "sigmoid",
                 "softplus", "mish", "gabor", "leaky_relu(0.1)", "monomial(3)"});
  }
  std::string dense() { return fmt::format("dense(W_std = {}, b_std = {})", real(0.5, 3), real(0, 1)); }

  /// One piece of an activation.
  std::string piece() {
    const std::string t = real(-3, 3);
    switch (below(9)) {
      case 0:
        return fmt::format("relu(z - {})", t);
      case 1:
        return fmt::format("relu(z - {})*exp({}*z)", t, real(-1, 1));
      case 2:
        return fmt::format("abs(tanh(z) - {})", real(-1, 1));
      case 3:
        return fmt::format("where(z > {}, {}, z^{})", t, real(-2, 2), 1 + below(3));
      case 4:
        return fmt::format("exp(-(z - {})^2)", t);
      case 5:
        return fmt::format("erf({}*z)", real(0.1, 5));
      case 6:
        return fmt::format("max(sigmoid(z), {})", real(0.1, 0.9));
      case 7:
        return fmt::format("abs(z - {})^1.5", t);
      default:
        return fmt::format("sin({}*z)", real(0.1, 10));
    }
  }

  /// An activation of many pieces: a sum, a product or a chain.
  std::string activation() {
    const std::string name = fmt::format("f{}", activations_++);
    const std::size_t pieces = count(60);
    const std::size_t kind = below(4);
    const std::string same = piece();
    std::string text = kind == 2 ? "z" : "";
    for (std::size_t i = 0; i < pieces; ++i) {
      const std::string next = below(2) == 0 ? piece() : same;
      if (kind == 2)
        text = fmt::format("where(z > {}, {} + z*{}, {})", real(-4, 4), real(-2, 2), real(-2, 2), text);
      else if (kind == 1 && i < 14)
        text += fmt::format("{}sin({}*z)", i == 0 ? "" : "*", i + 1);
      else
        text += fmt::format("{}{}*{}", text.empty() ? "" : " + ", real(-2, 2), next);
    }
    definitions_ += fmt::format("activation {}(z) = {}\n", name, text);
    return name;
  }

  void layers() {
    body_ = "h = x |> dense\n";
    const bool random_ones = below(2) == 0;
    const std::string same = below(3) == 0 ? activation() : built_in();
    for (std::size_t i = count(4000); i > 0 && has_room(); --i)
      body_ += fmt::format("h = h |> {} |> {}\n", random_ones ? built_in() : same, dense());
    body_ += "output h\n";
  }

  void doubled() {
    const std::string phi = below(2) == 0 ? activation() : built_in();
    std::string once = "h";
    for (std::size_t i = count(10); i > 0; --i) once += fmt::format(" |> {} |> dense(b_std = p)", phi);
    definitions_ += fmt::format("def b0(h, p) {{ return {} }}\n", once);
    const std::size_t levels = count(20);
    for (std::size_t i = 1; i <= levels; ++i)
      definitions_ += fmt::format("def b{}(h, p) {{ return b{}(b{}(h, p), p + {}) }}\n", i, i - 1, i - 1,
                                  below(2) == 0 ? "0" : "0.01");
    body_ = fmt::format("output b{}(x |> dense, 0.1)\n", levels);
  }

  void pieces() {
    body_ = "output x |> dense";
    for (std::size_t i = count(4); i > 0; --i) body_ += fmt::format(" |> {} |> {}", activation(), dense());
    body_ += "\n";
  }

  /// One activation with a parameter, at many values of it.
  void many_uses() {
    definitions_ = fmt::format("activation f(z, p) = abs(tanh(z) - p) + {}\n", piece());
    body_ = "h = x |> dense\n";
    for (std::size_t i = count(1000); i > 0 && has_room(); --i)
      body_ += fmt::format("h = h |> f({}) |> dense\n", real(-1, 1));
    body_ += "output h\n";
  }

  void branches() {
    body_ = "output 0.5*(x |> dense)";
    const std::string phi = below(3) == 0 ? activation() : built_in();
    for (std::size_t i = count(1500); i > 0 && has_room(); --i)
      body_ += fmt::format(" + (x |> {} |> {} |> dense)", dense(), phi);
    body_ += "\n";
  }

  void deep_repeats() {
    const std::string phi = below(3) == 0 ? activation() : built_in();
    body_ = fmt::format("h = x |> dense\nrepeat {} {{ h = {}(h |> {} |> {}) }}\noutput h\n", count(100000),
                        below(2) == 0 ? "" : "h + 0.1*", phi, dense());
  }

  void nested() {
    body_ = "h = x |> dense\n";
    const std::size_t depth = count(12);
    for (std::size_t i = 0; i < depth; ++i) body_ += fmt::format("repeat {} {{\n", 1 + below(6));
    for (std::size_t i = count(20); i > 0; --i)
      body_ += fmt::format("h = h |> {} |> {}\n", built_in(), dense());
    for (std::size_t i = 0; i < depth; ++i) body_ += "}\n";
    body_ += "output h\n";
  }

  /// Many values that one `repeat` carries.
  void streams() {
    const std::size_t width = count(60);
    for (std::size_t i = 0; i < width; ++i) body_ += fmt::format("h{} = x |> dense\n", i);
    body_ += fmt::format("repeat {} {{\n", count(1000));
    for (std::size_t i = 0; i < width; ++i)
      body_ += fmt::format("h{} = h{} |> {} |> {}\n", i, below(width), built_in(), dense());
    body_ += "}\noutput h0 |> relu |> dense\n";
  }

  void mistakes() {
    body_ = "output concat(";
    for (std::size_t i = count(20000); i > 0 && has_room(); --i) body_ += fmt::format("a{}, ", i);
    body_ += "x)\n";
  }

  std::mt19937& random_;
  double most_;
  std::string definitions_;
  std::string body_;
  int activations_ = 0;
};

}  // namespace

std::string slow_network(std::mt19937& random, double most) { return SlowNetwork(random, most).run(); }

}  // namespace ntkc::fuzz
