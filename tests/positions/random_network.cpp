#include "tests/positions/random_network.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace ntkc::test {
namespace {

constexpr std::size_t most_positions = 20;

std::size_t count_of(const std::vector<std::int64_t>& extents) {
  std::size_t count = 1;
  for (const std::int64_t extent : extents) count *= static_cast<std::size_t>(extent);
  return count;
}

std::string list(const std::vector<std::int64_t>& numbers) {
  return fmt::format("[{}]", fmt::join(numbers, ", "));
}

template <typename Member>
std::vector<std::int64_t> each(const std::vector<Filter>& filters, Member member) {
  std::vector<std::int64_t> result;
  for (const Filter& filter : filters) result.push_back(filter.*member);
  return result;
}

const char* name_of(Padding padding) {
  return padding == Padding::same ? "same" : padding == Padding::valid ? "valid" : "circular";
}

struct Deviations {
  double w = 1;
  double b = 0;
  [[nodiscard]] std::string text() const { return fmt::format("W_std = {}, b_std = {}", w, b); }
};

}  // namespace

RandomNetwork::RandomNetwork(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15U + 1) {
  const bool is_image = chance(50);
  extents_.push_back(static_cast<std::int64_t>(is_image ? 2 + draw(3) : 3 + draw(6)));
  if (is_image) extents_.push_back(static_cast<std::int64_t>(2 + draw(3)));
  channels_ = static_cast<std::int64_t>(1 + draw(3));
  text_ = fmt::format("network random\ninput h0 : {}({}, {})\n", is_image ? "image" : "sequence",
                      fmt::join(extents_, ", "), channels_);
  Value h{0, extents_, false, false};
  const std::uint64_t layers = 2 + draw(5);
  for (std::uint64_t i = 0; i < layers; ++i) h = step(h);
  h = end(h);
  text_ += fmt::format("output h{}\n", h.id);
}

std::int64_t RandomNetwork::input_size() const {
  return static_cast<std::int64_t>(count_of(extents_)) * channels_;
}

/// SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t RandomNetwork::draw(std::uint64_t below) {
  state_ += 0x9E3779B97F4A7C15U;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return (z ^ (z >> 31U)) % below;
}

Covariances RandomNetwork::evaluate(const std::vector<double>& x, const std::vector<double>& y) const {
  std::vector<Covariances> values = {input_covariances(x, y, extents_, channels_)};
  for (const auto& step : steps_) values.push_back(step(values));
  return values.back();
}

RandomNetwork::Value RandomNetwork::apply(const Value& to, const std::string& layer,
                                          std::vector<std::int64_t> extents, Operation operation) {
  Value result{steps_.size() + 1, std::move(extents), to.is_gaussian, to.is_mixed};
  text_ += fmt::format("h{} = h{} |> {}\n", result.id, to.id, layer);
  steps_.push_back([id = to.id, operation = std::move(operation)](const std::vector<Covariances>& values) {
    return operation(values[id]);
  });
  return result;
}

RandomNetwork::Value RandomNetwork::join(const std::string& expression, const Value& a, const Value& b,
                                         Covariances (*operation)(const Covariances&, const Covariances&)) {
  Value result{steps_.size() + 1, a.extents, a.is_gaussian && b.is_gaussian, a.is_mixed || b.is_mixed};
  text_ += fmt::format("h{} = {}\n", result.id, expression);
  steps_.push_back([first = a.id, second = b.id, operation](const std::vector<Covariances>& values) {
    return operation(values[first], values[second]);
  });
  return result;
}

RandomNetwork::Value RandomNetwork::activation(const Value& h) {
  const std::uint64_t which = draw(6);
  const char* names[] = {"relu", "leaky_relu(0.25)", "erf", "sin", "tanh", "sigmoid"};
  const auto kind = static_cast<Activation>(which);
  if (which < 2 && h.is_mixed) mixes_before_kink_ = true;
  if (which >= 4) is_expanded_ = true;
  Value result =
      apply(h, names[which], h.extents, [kind](const Covariances& a) { return activated(a, kind); });
  result.is_gaussian = false;
  return result;
}

RandomNetwork::Value RandomNetwork::dense(const Value& h) {
  const Deviations d{one_of<double>({1, 1.25, 1.5}), one_of<double>({0, 0.125, 0.5})};
  Value result = apply(h, fmt::format("dense({})", d.text()), h.extents,
                       [d](const Covariances& a) { return test::dense(a, d.w, d.b); });
  result.is_gaussian = true;
  return result;
}

Filter RandomNetwork::filter(std::int64_t most_stride, bool has_dilation, std::int64_t inputs) {
  Filter result;
  result.size = static_cast<std::int64_t>(1 + draw(4));
  result.stride = static_cast<std::int64_t>(1 + draw(static_cast<std::uint64_t>(most_stride)));
  if (has_dilation && chance(25)) result.dilation = 2;
  if ((result.size - 1) * result.dilation + 1 > inputs) result.size = result.dilation = 1;
  return result;
}

/// One for each axis, of one padding.
std::vector<Filter> RandomNetwork::filters(const Value& h, std::int64_t most_stride, bool has_dilation) {
  const Padding padding = one_of<Padding>({Padding::same, Padding::same, Padding::valid, Padding::circular});
  std::vector<Filter> result;
  for (const std::int64_t extent : h.extents) {
    result.push_back(filter(most_stride, has_dilation, extent));
    result.back().padding = padding;
  }
  return result;
}

RandomNetwork::Value RandomNetwork::convolution(const Value& h, std::int64_t most_stride) {
  const bool is_local = chance(15);
  const std::vector<Filter> all = filters(h, most_stride, !is_local);
  const Deviations d{one_of<double>({1, 1.25, 1.5}), one_of<double>({0, 0.125, 0.5})};
  std::vector<Taps> axes;
  std::vector<std::int64_t> extents;
  for (std::size_t axis = 0; axis < all.size(); ++axis) {
    axes.push_back(taps_of(all[axis], h.extents[axis]));
    extents.push_back(std::ssize(axes.back()));
  }
  const std::string dilation =
      is_local ? "" : fmt::format(", dilation = {}", list(each(all, &Filter::dilation)));
  Value result = apply(
      h,
      fmt::format("{}({}, stride = {}{}, padding = {}, {})", is_local ? "conv_local" : "conv",
                  list(each(all, &Filter::size)), list(each(all, &Filter::stride)), dilation,
                  name_of(all[0].padding), d.text()),
      extents, [axes, d, is_local](const Covariances& a) { return convolved(a, axes, d.w, d.b, is_local); });
  result.is_gaussian = true;
  return result;
}

RandomNetwork::Value RandomNetwork::same_convolution(const Value& h, std::int64_t stride, std::int64_t size) {
  const Deviations d{1.25, one_of<double>({0, 0.25})};
  std::vector<Taps> axes;
  std::vector<std::int64_t> extents;
  for (const std::int64_t extent : h.extents) {
    axes.push_back(taps_of({.size = size, .stride = stride}, extent));
    extents.push_back(std::ssize(axes.back()));
  }
  Value result = apply(h, fmt::format("conv({}, stride = {}, {})", size, stride, d.text()), extents,
                       [axes, d](const Covariances& a) { return convolved(a, axes, d.w, d.b); });
  result.is_gaussian = true;
  return result;
}

RandomNetwork::Value RandomNetwork::transposed(const Value& h) {
  std::vector<Filter> all = filters(h, 2, false);
  std::vector<Taps> axes;
  std::vector<std::int64_t> extents;
  for (std::size_t axis = 0; axis < all.size(); ++axis) {
    axes.push_back(transposed_taps_of(all[axis], h.extents[axis]));
    extents.push_back(std::ssize(axes.back()));
  }
  if (count_of(extents) > most_positions) return dense(h);
  const Deviations d{1.25, 0.25};
  Value result =
      apply(h,
            fmt::format("conv_transpose({}, stride = {}, padding = {}, {})", list(each(all, &Filter::size)),
                        list(each(all, &Filter::stride)), name_of(all[0].padding), d.text()),
            extents, [axes, d](const Covariances& a) { return convolved(a, axes, d.w, d.b); });
  result.is_gaussian = true;
  return result;
}

RandomNetwork::Value RandomNetwork::pooling(const Value& h) {
  const std::vector<Filter> all = filters(h, 2, false);
  const bool is_sum = chance(40);
  const bool normalizes = !is_sum && all[0].padding == Padding::same && chance(40);
  std::vector<Rows> axes;
  std::vector<std::int64_t> extents;
  for (std::size_t axis = 0; axis < all.size(); ++axis) {
    axes.push_back(pooling_rows(all[axis], h.extents[axis], is_sum, normalizes));
    extents.push_back(std::ssize(axes.back()));
  }
  Value result = apply(
      h,
      fmt::format("{}({}, stride = {}, padding = {}{})", is_sum ? "sum_pool" : "avg_pool",
                  list(each(all, &Filter::size)), list(each(all, &Filter::stride)), name_of(all[0].padding),
                  normalizes ? ", normalize_edges = true" : ""),
      extents, [rows = product_of(axes), extents](const Covariances& a) { return mapped(a, rows, extents); });
  result.is_mixed = true;
  return result;
}

RandomNetwork::Value RandomNetwork::slice(const Value& h) {
  std::vector<std::int64_t> start;
  std::vector<std::int64_t> stop;
  std::vector<std::int64_t> by;
  std::vector<Rows> axes;
  std::vector<std::int64_t> extents;
  for (const std::int64_t extent : h.extents) {
    start.push_back(static_cast<std::int64_t>(draw(static_cast<std::uint64_t>(extent))));
    stop.push_back(start.back() + 1 +
                   static_cast<std::int64_t>(draw(static_cast<std::uint64_t>(extent - start.back()))));
    by.push_back(static_cast<std::int64_t>(1 + draw(2)));
    axes.push_back(slice_rows(start.back(), stop.back(), by.back(), extent));
    extents.push_back(std::ssize(axes.back()));
  }
  return apply(h, fmt::format("slice(start = {}, stop = {}, step = {})", list(start), list(stop), list(by)),
               extents,
               [rows = product_of(axes), extents](const Covariances& a) { return mapped(a, rows, extents); });
}

RandomNetwork::Value RandomNetwork::resize(const Value& h) {
  const bool is_nearest = chance(50);
  std::vector<std::int64_t> extents;
  std::vector<Rows> axes;
  for (const std::int64_t extent : h.extents) {
    extents.push_back(static_cast<std::int64_t>(1 + draw(h.extents.size() == 1 ? 9 : 4)));
    axes.push_back(is_nearest ? nearest_rows(extents.back(), extent) : linear_rows(extents.back(), extent));
  }
  Value result = apply(
      h, fmt::format("resize({}, method = {})", list(extents), is_nearest ? "nearest" : "linear"), extents,
      [rows = product_of(axes), extents](const Covariances& a) { return mapped(a, rows, extents); });
  result.is_mixed = result.is_mixed || !is_nearest;
  return result;
}

RandomNetwork::Value RandomNetwork::aggregate(const Value& h) {
  const std::size_t count = count_of(h.extents);
  const std::size_t outputs = h.extents.size() == 1 ? 1 + draw(count) : count;
  Rows rows;
  std::string matrix;
  for (std::size_t i = 0; i < outputs; ++i) {
    auto& row = rows.emplace_back();
    std::vector<double> numbers;
    for (std::size_t j = 0; j < count; ++j) numbers.push_back(one_of<double>({0, 0, 0.5, 1, -0.25}));
    for (const double number : numbers) row.push_back(Real(number));
    matrix += fmt::format("{}[{}]", i == 0 ? "" : ", ", fmt::join(numbers, ", "));
  }
  const std::vector<std::int64_t> extents =
      h.extents.size() == 1 ? std::vector{static_cast<std::int64_t>(outputs)} : h.extents;
  Value result = apply(h, fmt::format("aggregate([{}])", matrix), extents,
                       [rows, extents](const Covariances& a) { return mapped(a, rows, extents); });
  result.is_mixed = true;
  return result;
}

RandomNetwork::Value RandomNetwork::layer_norm(const Value& h) {
  const bool over_positions = chance(40);
  const double eps = one_of<double>({1e-3, 0.125});
  return apply(h,
               fmt::format("layer_norm(axes = {}, eps = {})",
                           over_positions ? "[positions, channels]" : "channels", eps),
               h.extents, [=](const Covariances& a) { return normalized(a, eps, over_positions); });
}

RandomNetwork::Value RandomNetwork::dropout(const Value& h) {
  const double keep = one_of<double>({0.5, 0.75, 0.9, 0.3});
  has_dropout_ = true;
  Value result = apply(h, fmt::format("dropout({})", keep), h.extents,
                       [keep](const Covariances& a) { return dropped(a, keep); });
  result.is_gaussian = false;
  return result;
}

RandomNetwork::Value RandomNetwork::residual(const Value& h) {
  const Value main = same_convolution(activation(h), 1, static_cast<std::int64_t>(1 + draw(3)));
  return join(fmt::format("h{} + h{}", h.id, main.id), h, main, sum_of);
}

RandomNetwork::Value RandomNetwork::strided_residual(const Value& h) {
  const Value shortcut = same_convolution(h, 2, 1);
  Value main = same_convolution(activation(h), 2, 3);
  if (chance(50)) main = same_convolution(activation(main), 1, 3);
  return join(fmt::format("h{} + h{}", main.id, shortcut.id), main, shortcut, sum_of);
}

RandomNetwork::Value RandomNetwork::product(const Value& h) {
  const Value a = dense(h);
  const Value b = same_convolution(h, 1, static_cast<std::int64_t>(1 + draw(3)));
  Value result = join(fmt::format("h{} * h{}", a.id, b.id), a, b, test::product_of);
  result.is_gaussian = false;
  return result;
}

RandomNetwork::Value RandomNetwork::concat(const Value& h) {
  const Value a = dense(h);
  const Value b = same_convolution(h, 1, 2);
  if (2 * count_of(h.extents) > most_positions) return b;
  Value result = join(fmt::format("concat(h{}, h{}, axis = 0)", a.id, b.id), a, b, joined);
  result.extents[0] *= 2;
  return result;
}

/// Two or three iterations, in a loop of the text.
RandomNetwork::Value RandomNetwork::repeated(const Value& h) {
  const auto count = static_cast<int>(2 + draw(2));
  const bool is_residual = chance(50);
  const std::int64_t size = static_cast<std::int64_t>(2 + draw(2));
  Value result{steps_.size() + 1, h.extents, true, h.is_mixed};
  if (h.is_mixed) mixes_before_kink_ = true;
  const std::string main =
      fmt::format("(h{} |> relu |> conv({}, W_std = 1.25, b_std = 0.25))", result.id, size);
  text_ += fmt::format("h{0} = h{1}\nrepeat {2} {{ h{0} = {3}{4} }}\n", result.id, h.id, count,
                       is_residual ? fmt::format("h{} + ", result.id) : "", main);
  std::vector<Taps> axes;
  for (const std::int64_t extent : h.extents) axes.push_back(taps_of({.size = size}, extent));
  steps_.push_back([=, id = h.id](const std::vector<Covariances>& values) {
    Covariances a = values[id];
    for (int i = 0; i < count; ++i) {
      const Covariances next = convolved(activated(a, Activation::relu), axes, 1.25, 0.25);
      a = is_residual ? sum_of(a, next) : next;
    }
    return a;
  });
  return result;
}

RandomNetwork::Value RandomNetwork::step(const Value& h) {
  if (!h.is_gaussian) {
    switch (draw(10)) {
      case 0:
        return dense(h);
      case 1:
        return transposed(h);
      case 2:
        return dense(pooling(h));
      case 3:
        return h.id == 0 ? convolution(h, 2) : convolution(dropout(h), 1);
      case 4:
        return concat(h);
      default:
        return convolution(h, 2);
    }
  }
  switch (draw(16)) {
    case 0:
      return pooling(h);
    case 1:
      return slice(h);
    case 2:
      return resize(h);
    case 3:
      return layer_norm(h);
    case 4:
      return residual(h);
    case 5:
    case 6:
      return strided_residual(h);
    case 7:
      return product(h);
    case 8:
      return repeated(h);
    case 9:
      return aggregate(h);
    case 10:
      return dropout(h);
    default:
      return activation(h);
  }
}

RandomNetwork::Value RandomNetwork::end(const Value& h) {
  Value result;
  switch (draw(4)) {
    case 0:
      result = apply(h, "flatten", {}, flattened);
      break;
    case 1:
      result = apply(h, "global_sum_pool", {}, [](const Covariances& a) { return pooled(a, true); });
      break;
    default:
      result = apply(h, "global_avg_pool", {}, [](const Covariances& a) { return pooled(a, false); });
  }
  result.is_mixed = true;
  if (chance(50)) return result;
  result = dense(result);
  return chance(50) ? result : dense(activation(result));
}

}  // namespace ntkc::test
