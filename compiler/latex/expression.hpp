// Constants and functions of the kernel IR in LaTeX.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::latex {

/// A number as a person writes it: 2, 0.1, 1.5\cdot 10^{-7}.
std::string number(double value);
/// A sum, with line breaks of an align environment between summands where a line would be too long.
std::string broken(const std::string& formula);
/// A name of the text in mathematics: w, \alpha, W_{\mathrm{std}}, \mathit{depth}.
std::string symbol(std::string_view name);
/// The same in running text, with what is special to TeX escaped.
std::string text(std::string_view name);

/// Prints the constants and functions of one program; `z` is the variable of functions.
class ExpressionWriter {
 public:
  explicit ExpressionWriter(const kernel_ir::Program& program);

  /// On its own.
  [[nodiscard]] const std::string& expression(kernel_ir::NodeId id) const { return written_[id].text; }
  /// In front of what it multiplies: "" for 1, in parentheses if it is a sum.
  [[nodiscard]] std::string factor(kernel_ir::NodeId id) const;
  [[nodiscard]] bool is_one(kernel_ir::NodeId id) const { return written_[id].text == "1"; }
  [[nodiscard]] bool is_zero(kernel_ir::NodeId id) const { return written_[id].text == "0"; }

 private:
  enum class Level { sum, product, power, atom };
  struct Written {
    std::string text;
    Level level = Level::atom;
    Level inner = Level::atom;  ///< of what follows the minus that it begins with
  };
  /// Whether it is minus a product, and that product.
  [[nodiscard]] static bool is_negated(const Written& written);
  [[nodiscard]] static Written stripped(const Written& written) {
    return {written.text.substr(1), written.inner, Level::atom};
  }
  [[nodiscard]] static Written literal(double value);
  [[nodiscard]] static Written negated(const Written& written);
  [[nodiscard]] Written write_unsigned_product(const kernel_ir::Node& node, Written a, Written b) const;
  [[nodiscard]] Written write(const kernel_ir::Node& node) const;
  [[nodiscard]] Written write_product(const kernel_ir::Node& node) const;
  [[nodiscard]] Written write_sum(const Written& a, const Written& b, bool minus) const;
  [[nodiscard]] static std::string enclosed(const Written& written, Level least);

  const kernel_ir::Program& program_;
  std::vector<Written> written_;
};

}  // namespace ntkc::latex
