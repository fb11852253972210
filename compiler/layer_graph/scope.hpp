// The names in scope. Changes are undone from a journal, so that entering the body of a `repeat` costs
// nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/layer_graph/constant.hpp"
#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::layer_graph {

/// A value whose mistake has been reported. Whatever uses it reports nothing more.
struct Erroneous {
  friend bool operator==(const Erroneous&, const Erroneous&) = default;
};
/// A block or an activation that the text defines.
struct CallableId {
  std::uint32_t index = 0;
  friend bool operator==(const CallableId&, const CallableId&) = default;
};
using BoundValue = std::variant<Erroneous, ConstantValue, NodeId, CallableId>;

struct Binding {
  enum class Role : std::uint8_t { variable, parameter, input, definition };
  BoundValue value;
  Role role = Role::variable;
  SourceRange range;  ///< of the name, where it was bound
};

class Scope {
 public:
  using Mark = std::size_t;

  [[nodiscard]] const Binding* find(const std::string& name) const {
    const auto found = bindings_.find(name);
    return found == bindings_.end() ? nullptr : &found->second;
  }
  void bind(const std::string& name, Binding binding) {
    const auto found = bindings_.find(name);
    if (found == bindings_.end()) {
      journal_.emplace_back(name, std::nullopt);
      bindings_.emplace(name, binding);
    } else {
      journal_.emplace_back(name, found->second);
      found->second = binding;
    }
  }
  [[nodiscard]] Mark mark() const { return journal_.size(); }
  /// Returns to the state at `mark`.
  void undo(Mark mark) {
    for (; journal_.size() > mark; journal_.pop_back()) {
      const auto& [name, before] = journal_.back();
      if (before) {
        bindings_.at(name) = *before;
      } else {
        bindings_.erase(name);
      }
    }
  }
  [[nodiscard]] std::vector<std::string_view> names() const {
    std::vector<std::string_view> names;
    for (const auto& [name, binding] : bindings_) names.push_back(name);
    return names;
  }

 private:
  std::unordered_map<std::string, Binding> bindings_;
  std::vector<std::pair<std::string, std::optional<Binding>>> journal_;
};

}  // namespace ntkc::layer_graph
