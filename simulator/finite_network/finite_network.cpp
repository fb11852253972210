#include "ntkc/finite_network.hpp"

#include <fmt/format.h>

#include "compiler/driver/elaborate_text.hpp"
#include "ntkc/errors.hpp"
#include "runtime/gram/parallel.hpp"
#include "simulator/empirical_kernel.hpp"

namespace ntkc {

struct FiniteNetwork::State {
  simulator::Plan plan;
  std::uint64_t seed;

  [[nodiscard]] simulator::Values run(MatrixView<const double> x, const simulator::Weights& weights,
                                      int threads) const {
    if (x.columns != plan.input_size()) {
      throw InputError(fmt::format("the data have {} values per sample, the network takes {}", x.columns,
                                   plan.input_size()));
    }
    return simulator::forward(plan, weights, x, threads);
  }
};

FiniteNetwork::FiniteNetwork(std::string_view arch_text, const FiniteNetworkOptions& options,
                             const CompileOptions& compile_options, const std::string& file_name) {
  if (options.width < 1 || options.outputs.value_or(1) < 1) {
    throw InputError(fmt::format("a network of width {} with {} outputs; both are at least 1", options.width,
                                 options.outputs.value_or(options.width)));
  }
  const layer_graph::LayerGraph graph = driver::elaborate_text(arch_text, compile_options, file_name);
  state_ = std::make_shared<State>(
      State{simulator::make_plan(graph, {.width = options.width, .outputs = options.outputs}), options.seed});
}

std::int64_t FiniteNetwork::input_size() const { return state_->plan.input_size(); }
std::int64_t FiniteNetwork::outputs() const { return state_->plan.output_channels(); }
std::int64_t FiniteNetwork::parameter_count() const { return state_->plan.parameter_count(); }

Matrix FiniteNetwork::evaluate(MatrixView<const double> x, std::uint32_t draw,
                               const Execution& execution) const {
  const simulator::DrawnWeights weights(state_->seed, draw);
  simulator::Values values = state_->run(x, weights, runtime::thread_count(execution));
  return std::move(values[state_->plan.output]);
}

Matrix FiniteNetwork::empirical_ntk(MatrixView<const double> x, std::uint32_t draw, NtkForm form,
                                    std::int64_t outputs, const Execution& execution) const {
  if (outputs < 0 || outputs > this->outputs())
    throw InputError(fmt::format("the kernel of {} outputs; the network has {}", outputs, this->outputs()));
  const simulator::DrawnWeights weights(state_->seed, draw);
  const int threads = runtime::thread_count(execution);
  return simulator::empirical_ntk(state_->plan, weights, state_->run(x, weights, threads),
                                  outputs == 0 ? this->outputs() : outputs, form, threads);
}

Matrix FiniteNetwork::empirical_nngp(MatrixView<const double> x, std::uint32_t draw,
                                     const Execution& execution) const {
  const simulator::DrawnWeights weights(state_->seed, draw);
  const int threads = runtime::thread_count(execution);
  return simulator::empirical_nngp(state_->plan, state_->run(x, weights, threads), threads);
}

}  // namespace ntkc
