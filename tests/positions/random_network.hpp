// Random networks on positions: their text, and what their kernels are by definition.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/positions/full_covariance.hpp"

namespace ntkc::test {

class RandomNetwork {
 public:
  explicit RandomNetwork(std::uint64_t seed);

  [[nodiscard]] std::string text() const { return text_; }
  [[nodiscard]] std::int64_t input_size() const;
  [[nodiscard]] std::int64_t channels() const { return channels_; }
  /// Whether an activation with a kink comes behind a map that mixes positions.
  [[nodiscard]] bool mixes_before_kink() const { return mixes_before_kink_; }
  /// Whether an activation has no closed form.
  [[nodiscard]] bool is_expanded() const { return is_expanded_; }
  [[nodiscard]] bool has_dropout() const { return has_dropout_; }

  [[nodiscard]] Covariances evaluate(const std::vector<double>& x, const std::vector<double>& y) const;

 private:
  using ValueId = std::size_t;
  /// A value of the network as it is written so far.
  struct Value {
    ValueId id = 0;
    std::vector<std::int64_t> extents;
    bool is_gaussian = false;
    bool is_mixed = false;
  };
  using Operation = std::function<Covariances(const Covariances&)>;

  std::uint64_t draw(std::uint64_t below);
  bool chance(int percent) { return draw(100) < static_cast<std::uint64_t>(percent); }
  template <typename T>
  const T& one_of(const std::vector<T>& from) {
    return from[draw(from.size())];
  }

  // Each appends a statement, and returns the value that it defines.
  Value apply(const Value& to, const std::string& layer, std::vector<std::int64_t> extents,
              Operation operation);
  Value join(const std::string& expression, const Value& a, const Value& b,
             Covariances (*operation)(const Covariances&, const Covariances&));
  Value activation(const Value& h);
  Value dense(const Value& h);
  Value convolution(const Value& h, std::int64_t most_stride);
  Value same_convolution(const Value& h, std::int64_t stride, std::int64_t size);
  Value transposed(const Value& h);
  Value pooling(const Value& h);
  Value slice(const Value& h);
  Value resize(const Value& h);
  Value aggregate(const Value& h);
  Value layer_norm(const Value& h);
  Value dropout(const Value& h);
  Value residual(const Value& h);
  Value strided_residual(const Value& h);
  Value product(const Value& h);
  Value concat(const Value& h);
  Value repeated(const Value& h);
  Value step(const Value& h);
  Value end(const Value& h);

  Filter filter(std::int64_t most_stride, bool has_dilation, std::int64_t inputs);
  std::vector<Filter> filters(const Value& h, std::int64_t most_stride, bool has_dilation);

  std::uint64_t state_;
  std::string text_;
  std::vector<std::int64_t> extents_;
  std::int64_t channels_ = 1;
  std::vector<std::function<Covariances(const std::vector<Covariances>&)>> steps_;  // of the values from 1 on
  bool mixes_before_kink_ = false;
  bool is_expanded_ = false;
  bool has_dropout_ = false;
};

}  // namespace ntkc::test
