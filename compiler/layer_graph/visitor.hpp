// For std::visit with one function for each alternative: a missing one is a compile error.
#pragma once

namespace ntkc::layer_graph {

template <typename... Handlers>
struct Visitor : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Visitor(Handlers...) -> Visitor<Handlers...>;

}  // namespace ntkc::layer_graph
