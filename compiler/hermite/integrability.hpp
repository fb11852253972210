// Whether E[f(σt)²], t ~ N(0, 1), is finite for every σ: what a dual activation asks of φ, and of φ' for Θ.
#pragma once

#include "compiler/hermite/expansion.hpp"

namespace ntkc::hermite {

enum class Integrability : unsigned char {
  integrable,
  undefined,       ///< NaN at `where`
  grows_too_fast,  ///< like e^(az²) or faster: E[f²] is infinite from some σ on, or for all
  singular,        ///< like |z - where|^(-p), p ≥ 1/2
};

struct IntegrabilityReport {
  Integrability kind = Integrability::integrable;
  double where = 0;
};

/// By looking at values: |z| ≤ 100 for NaN, |z| ≤ 20 for singularities (peaks of |f| on a grid, sharpened),
/// powers of two up to overflow for growth. f = e^(az²) is told from f = e^(|az|^1.5) for any a.
IntegrabilityReport check_integrability(const RealFunction& f);

}  // namespace ntkc::hermite
