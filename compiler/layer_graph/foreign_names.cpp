#include "compiler/layer_graph/foreign_names.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "compiler/diagnostics/suggestion.hpp"

namespace ntkc::layer_graph {

namespace {

struct ForeignName {
  std::string_view name;  ///< simplified_name of what is written elsewhere
  std::string_view help;
};

constexpr auto layers = std::to_array<ForeignName>({
    {"affine", "write `dense`"},
    {"linear", "write `dense`; an activation that changes nothing is `identity`"},
    {"fullyconnected", "write `dense`"},
    {"fc", "write `dense`"},
    {"denselayer", "write `dense`"},
    {"serial", "layers follow one another by `|>`: `x |> dense |> relu |> dense`"},
    {"sequential", "layers follow one another by `|>`: `x |> dense |> relu |> dense`"},
    {"parallel", "give each branch a name: `a = x |> dense`, `b = x |> dense`"},
    {"fanout", "use the value twice: `h + (h |> relu |> dense)`"},
    {"faninsum", "write `a + b`"},
    {"add", "write `a + b`"},
    {"faninprod", "write `a * b`"},
    {"multiply", "write `a * b`"},
    {"faninconcat", "write `concat(a, b)`"},
    {"concatenate", "write `concat(a, b)`"},
    {"cat", "write `concat(a, b)`"},
    {"conv1d", "write `conv`"},
    {"conv2d", "write `conv`"},
    {"convlocal", "write `conv_local`"},
    {"convtranspose", "write `conv_transpose`"},
    {"avgpool2d", "write `avg_pool`"},
    {"averagepooling2d", "write `avg_pool`"},
    {"globalaveragepooling2d", "write `global_avg_pool`"},
    {"maxpool", "a maximum has no closed kernel; use `avg_pool`"},
    {"maxpool2d", "a maximum has no closed kernel; use `avg_pool`"},
    {"layernormalization", "write `layer_norm`"},
    {"batchnorm", "statistics of a batch have no kernel of pairs; use `layer_norm`"},
    {"batchnorm1d", "statistics of a batch have no kernel of pairs; use `layer_norm`"},
    {"batchnorm2d", "statistics of a batch have no kernel of pairs; use `layer_norm`"},
    {"batchnormalization", "statistics of a batch have no kernel of pairs; use `layer_norm`"},
    {"globalselfattention", "write `self_attention`"},
    {"multiheadattention", "write `self_attention`"},
    {"attention", "write `self_attention`"},
    {"silu", "write `swish`"},
    {"relu6", "define it: `activation relu6(z) = min(max(z, 0), 6)`"},
    {"hardsigmoid", "define it: `activation hard_sigmoid(z) = min(max(z / 6 + 0.5, 0), 1)`"},
    {"quickgelu", "define it: `activation quick_gelu(z) = z / (1 + exp(-1.702 * z))`"},
    {"logistic", "write `sigmoid`"},
    {"arctan", "define it by functions that there are, or use `erf` or `tanh`, which have its shape"},
    {"atan", "define it by functions that there are, or use `erf` or `tanh`, which have its shape"},
    {"softmax",
     "it acts on all units together, not on each: it has no dual; within attention it is `self_attention`"},
    {"rectifiedlinear", "write `relu`"},
    {"leakyrectified", "write `leaky_relu`"},
    {"prelu", "write `leaky_relu(alpha = 0.25)`"},
    {"heaviside", "write `step`"},
    {"sgn", "write `sign`"},
    {"sine", "write `sin`"},
    {"cosine", "write `cos`"},
    {"reshape", "an input has the shape of the data; `flatten` makes a vector of it"},
    {"embedding", "an input is an array of numbers: embed before, `input x : sequence(length, channels)`"},
});

constexpr auto arguments = std::to_array<ForeignName>({
    {"units", "write `width = …`, which matters to finite networks only"},
    {"outdim", "write `width = …`, which matters to finite networks only"},
    {"outfeatures", "write `width = …`, which matters to finite networks only"},
    {"infeatures", "leave it out: the value before says it"},
    {"features", "write `width = …`, which matters to finite networks only"},
    {"neurons", "write `width = …`, which matters to finite networks only"},
    {"outchan", "write `width = …`, which matters to finite networks only"},
    {"filters", "write `width = …`, which matters to finite networks only"},
    {"sigmaw", "write `W_std = …`"},
    {"wsigma", "write `W_std = …`"},
    {"weightstd", "write `W_std = …`"},
    {"wvar", "write `W_std = …`, a standard deviation: the square root of the variance"},
    {"sigmab", "write `b_std = …`"},
    {"bsigma", "write `b_std = …`"},
    {"biasstd", "write `b_std = …`"},
    {"bvar", "write `b_std = …`, a standard deviation: the square root of the variance"},
    {"usebias", "write `b_std = 1` for a bias, `b_std = 0` for none"},
    {"kernelinitializer",
     "write `W_std = …`: the kernel knows of the initialisation its standard deviation only"},
    {"activation", "apply it after the layer: `dense |> relu`"},
    {"parameterization", "it is a line of its own: `parametrization = ntk` after `network`"},
    {"learningrate", "write `lr = …`, relative to that of the network"},
    {"kernelsize", "the size is the first argument: `conv(3)`"},
    {"filtershape", "the size is the first argument: `conv(3)`"},
    {"strides", "write `stride = …`"},
    {"negativeslope", "write `alpha = …`"},
    {"trainable", "write `frozen = true` for a layer that is not trained"},
});

std::string help_of(std::span<const ForeignName> names, std::string_view name) {
  constexpr std::size_t longest = 64;
  if (name.size() > longest) return "";
  const auto found = std::ranges::find(names, simplified_name(name), &ForeignName::name);
  return found == names.end() ? "" : std::string(found->help);
}

}  // namespace

std::string help_for_foreign_name(std::string_view name) { return help_of(layers, name); }

std::string help_for_foreign_argument(std::string_view name) { return help_of(arguments, name); }

}  // namespace ntkc::layer_graph
