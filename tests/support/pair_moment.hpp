// E[f(u)f(v)] of a Gaussian pair by Gauss-Legendre in two dimensions, on intervals that are fixed in the
// arguments of f: an oracle for any variances, which knows no expansion.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <vector>

namespace ntkc::test {

class PairMoment {
 public:
  /// Places where f breaks or where something small happens, beside powers of 2.
  explicit PairMoment(std::vector<double> places = {}) {
    for (const double at : places) {
      places_.push_back(at);
      for (int e = -6; e <= 1; ++e)
        for (const double side : {1.0, -1.0}) places_.push_back(at + side * std::ldexp(1, e));
    }
    places_.push_back(0);
    for (int e = -6; e <= 40; ++e)
      for (const double side : {1.0, -1.0}) places_.push_back(side * std::ldexp(1, e));
    for (int z = 3; z <= 24; ++z)
      for (const double side : {1.0, -1.0}) places_.push_back(side * z);
    std::ranges::sort(places_);
    make_nodes();
  }

  /// E[g(mean + deviation t)], t ~ N(0, 1).
  template <typename Function>
  double mean(const Function& g, double centre, double deviation) const {
    if (deviation == 0) return g(centre);
    std::vector<double> ends = {-reach};
    const auto add = [&](double t) {
      if (t > ends.back() + 1e-12 && t < reach) ends.push_back(t);
    };
    std::size_t next = 0;
    // Beside the places of f, so that the density is resolved: every unit of t.
    for (double t = -reach; t <= reach; t += 1) {
      for (; next < places_.size() && (places_[next] - centre) / deviation <= t; ++next)
        add((places_[next] - centre) / deviation);
      add(t);
    }
    ends.push_back(reach);
    long double sum = 0;
    for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
      const double width = ends[i + 1] - ends[i];
      for (std::size_t k = 0; k < nodes_.size(); ++k) {
        const double t = ends[i] + width * nodes_[k];
        sum +=
            static_cast<long double>(width * weights_[k] * std::exp(-t * t / 2)) * g(centre + deviation * t);
      }
    }
    return static_cast<double>(sum / std::sqrt(2 * std::numbers::pi_v<long double>));
  }

  /// z = (1 - ρ)/2
  template <typename Function>
  double operator()(const Function& f, double q, double other, double z) const {
    const double rho = 1 - 2 * z;
    const double deviation = std::sqrt(other * 4 * z * (1 - z));
    const double slope = std::sqrt(other) * rho / std::sqrt(q);
    return mean([&](double u) { return f(u) * mean(f, slope * u, deviation); }, 0, std::sqrt(q));
  }

 private:
  static constexpr double reach = 9.5;

  void make_nodes() {
    constexpr int n = 10;
    for (int i = 1; i <= n; ++i) {
      double x = std::cos(std::numbers::pi * (i - 0.25) / (n + 0.5));
      double slope = 0;
      for (int step = 0; step < 20; ++step) {
        double previous = 1;
        double current = x;
        for (int k = 2; k <= n; ++k) {
          const double following = ((2 * k - 1) * x * current - (k - 1) * previous) / k;
          previous = current;
          current = following;
        }
        slope = n * (x * current - previous) / (x * x - 1);
        x -= current / slope;
      }
      nodes_.push_back((1 + x) / 2);
      weights_.push_back(1 / ((1 - x * x) * slope * slope));
    }
  }

  std::vector<double> places_;
  std::vector<double> nodes_;
  std::vector<double> weights_;
};

}  // namespace ntkc::test
