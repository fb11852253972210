// Arithmetic on sets of complex numbers (compiler/elementary/enclosure.hpp).
#pragma once

#include "compiler/elementary/enclosure.hpp"

namespace ntkc::elementary {

Region real_region(Interval values);
Region everything();
/// Whether it holds real numbers only.
bool is_real(const Region& a);
/// The smallest region that holds both.
Region united(const Region& a, const Region& b);

Region add(const Region& a, const Region& b);
Region negative(const Region& a);
Region multiply(const Region& a, const Region& b);
Region square(const Region& a);
/// 1/a
Region inverse(const Region& a);
Region exp(const Region& a);
Region log(const Region& a);
Region sin(const Region& a);
Region cos(const Region& a);
Region tanh(const Region& a);
Region erf(const Region& a);
Region power(const Region& a, double exponent);

}  // namespace ntkc::elementary
