// Quadruple precision: 113 bits, enough to evaluate every formula as it stands in the literature.
#pragma once

namespace ntkc {

/// IEEE binary128. Arithmetic is the compiler's, elementary functions are libquadmath's.
__extension__ using Quad = __float128;

}  // namespace ntkc
