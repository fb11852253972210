#include "compiler/elementary/function.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <type_traits>

#include "compiler/hermite/work.hpp"

namespace ntkc::elementary {
namespace {

template <typename Number>
Number magnitude(Number a) {
  return a < 0 ? -a : a;
}

/// intercept + slope z
template <typename Number>
struct Affine {
  Number intercept = 0;
  Number slope = 0;
};

/// By step; nothing for what its operations do not show to be affine.
template <typename Number>
std::vector<std::optional<Affine<Number>>> affine_forms(
    const std::vector<typename Function<Number>::Step>& steps) {
  using Form = std::optional<Affine<Number>>;
  std::vector<Form> forms;
  const auto rule = [&](const typename Function<Number>::Step& step) -> Form {
    if (step.operation == Operation::literal) return Affine<Number>{step.value, 0};
    if (step.operation == Operation::variable) return Affine<Number>{0, 1};
    const Form a = forms[step.operands[0]];
    const Form b = forms[step.operands[1]];
    if (!a || !b) return {};
    switch (step.operation) {
      case Operation::add:
        return Affine<Number>{a->intercept + b->intercept, a->slope + b->slope};
      case Operation::subtract:
        return Affine<Number>{a->intercept - b->intercept, a->slope - b->slope};
      case Operation::multiply:
        if (a->slope != 0 && b->slope != 0) return {};
        return Affine<Number>{a->intercept * b->intercept, a->intercept * b->slope + a->slope * b->intercept};
      case Operation::divide:
        if (b->slope != 0) return {};
        return Affine<Number>{a->intercept / b->intercept, a->slope / b->intercept};
      default:
        return {};
    }
  };
  for (const auto& step : steps) forms.push_back(rule(step));
  return forms;
}

/// Powers with such an exponent are polynomials.
template <typename Number>
bool is_natural(Number n) {
  return n >= 0 && n <= 1024 && n == static_cast<Number>(static_cast<int>(n));
}

}  // namespace

template <typename Number>
void Function<Number>::evaluate(Number z, std::vector<Number>& values) const {
  values.resize(steps_.size());
  std::array<Number, 4> operands{};
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    if (step.operation == Operation::literal) {
      values[i] = step.value;
    } else if (step.operation == Operation::variable) {
      values[i] = z;
    } else {
      const auto count = static_cast<std::size_t>(info(step.operation).operands);
      for (std::size_t k = 0; k < count; ++k) operands[k] = values[step.operands[k]];
      values[i] = elementary::evaluate(step.operation, std::span<const Number>(operands).first(count));
    }
  }
}

template <typename Number>
Number Function<Number>::operator()(Number z) const {
  thread_local std::vector<Number> values;  // quadrature asks a million times
  evaluate(z, values);
  return values.back();
}

template <typename Number>
auto Function<Number>::differences() const -> std::vector<Difference> {
  std::vector<Difference> result;
  for (const Step& step : steps_) {
    const auto [first, second, third, fourth] = step.operands;
    switch (info(step.operation).regularity) {
      case Regularity::switches_where_equal:
        result.push_back({first, second});
        break;
      case Regularity::singular:
        if (step.operation == Operation::power && steps_[second].operation == Operation::literal &&
            is_natural(steps_[second].value))
          break;
        [[fallthrough]];
      case Regularity::switches_at_zero:
        result.push_back({first, first});
        break;
      case Regularity::smooth:
      case Regularity::pole:
        break;
    }
  }
  return result;
}

template <typename Number>
Number Function<Number>::value_of(const Difference& difference, Number z) const {
  thread_local std::vector<Number> values;
  evaluate(z, values);
  const Number left = values[difference.left];
  return difference.left == difference.right ? left : left - values[difference.right];
}

template <typename Number>
std::vector<Number> Function<Number>::breaks(Number limit, Number reach) const {
  const std::vector<std::optional<Affine<Number>>> affine = affine_forms<Number>(steps_);
  std::vector<Number> zeros;
  std::vector<Difference> others;
  for (const Difference& difference : differences()) {
    std::optional<Affine<Number>> form = affine[difference.left];
    if (difference.left != difference.right) {
      const std::optional<Affine<Number>>& right = affine[difference.right];
      if (form && right) {
        form = Affine<Number>{form->intercept - right->intercept, form->slope - right->slope};
      } else {
        form.reset();
      }
    }
    if (!form) {
      others.push_back(difference);
    } else if (form->slope != 0) {
      const Number zero = -form->intercept / form->slope + 0;  // not -0
      if (magnitude(zero) <= reach) zeros.push_back(zero);
    }
  }
  scan(others, limit, zeros);
  std::ranges::sort(zeros);
  const auto repeated = std::ranges::unique(zeros);
  zeros.erase(repeated.begin(), repeated.end());
  return zeros;
}

template <typename Number>
void Function<Number>::scan(const std::vector<Difference>& differences, Number limit,
                            std::vector<Number>& zeros) const {
  constexpr int places = 1000;  // to each side
  const auto place = [limit](int k) { return limit * k / places; };
  if (differences.empty()) return;
  constexpr double products = std::is_same_v<Number, Quad> ? hermite::products_of_quad : 1;
  hermite::WorkLimit::spend(products * 2 * places * static_cast<double>(steps_.size()));
  std::vector<std::vector<Number>> all(differences.size());
  std::vector<Number> at_place;
  for (int k = -places; k <= places; ++k) {
    evaluate(place(k), at_place);
    for (std::size_t d = 0; d < differences.size(); ++d) {
      const auto& [left, right] = differences[d];
      all[d].push_back(left == right ? at_place[left] : at_place[left] - at_place[right]);
    }
  }
  for (std::size_t d = 0; d < differences.size(); ++d) {
    const Difference& difference = differences[d];
    const std::vector<Number>& values = all[d];
    for (std::size_t i = 0; i < values.size(); ++i) {
      const int k = static_cast<int>(i) - places;
      const bool has_before = i > 0 && values[i - 1] != 0;
      const bool has_after = i + 1 < values.size() && values[i + 1] != 0;
      // What vanishes all along a side does so by a switch of its own, which is another difference.
      if (values[i] == 0 && has_before && has_after) zeros.push_back(place(k));
      if (has_before && ((values[i - 1] < 0 && values[i] > 0) || (values[i - 1] > 0 && values[i] < 0)))
        zeros.push_back(bisect(difference, place(k - 1), place(k)));
    }
  }
}

template <typename Number>
Number Function<Number>::bisect(const Difference& difference, Number low, Number high) const {
  const bool rises = value_of(difference, high) > 0;
  for (;;) {
    const Number middle = (low + high) / 2;
    if (middle <= low || middle >= high) return low;
    ((value_of(difference, middle) > 0) == rises ? high : low) = middle;
  }
}

template <typename Number>
std::vector<Number> Function<Number>::jumps(Number limit, Number reach) const {
  constexpr Number near = std::is_same_v<Number, double> ? Number(0x1p-37) : Number(0x1p-80);
  constexpr Number far = std::is_same_v<Number, double> ? Number(0x1p-17) : Number(0x1p-40);
  constexpr Number smallest_share = 0x1p-30;
  std::vector<Number> result = breaks(limit, reach);
  std::erase_if(result, [&](Number place) {
    const Number scale = 1 + magnitude(place);
    const auto side = [&](Number distance) { return (*this)(place + scale * distance); };
    const auto across = [&](Number distance) { return magnitude(side(distance) - side(-distance)); };
    const Number size = magnitude(side(far)) + magnitude(side(-far));
    // What is not a number is a jump as well.
    return across(near) <= smallest_share * size || across(near) <= across(far) / 2;
  });
  return result;
}

template class Function<double>;
template class Function<Quad>;

}  // namespace ntkc::elementary
