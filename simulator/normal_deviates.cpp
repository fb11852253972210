#include "simulator/normal_deviates.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "runtime/gram/target_clones.hpp"
#include "simulator/philox.hpp"

namespace ntkc::simulator {
namespace {

/// How many Philox blocks are computed at once: enough for the widest vector registers, few enough for the
/// first cache.
constexpr int blocks = 16;
constexpr int pairs = 2 * blocks;
constexpr int columns = 2 * pairs;

/// The words that the radii and the angles of the pairs are made of. Pair i of block b stands at i · blocks +
/// b.
struct Words {
  std::uint32_t radius[pairs];
  std::uint32_t angle[pairs];
};

// The loops below are written for the vectoriser: no calls, no branches, one array index.

NTKC_TARGET_CLONES
void random_words(std::uint32_t first_block, std::uint32_t row, const NormalStream& stream, Words& words) {
  const auto key_0 = static_cast<std::uint32_t>(stream.seed);
  const auto key_1 = static_cast<std::uint32_t>(stream.seed >> 32U);
  for (int i = 0; i < blocks; ++i) {
    const PhiloxCounter block = philox(
        {first_block + static_cast<std::uint32_t>(i), row, stream.stream, stream.draw}, {key_0, key_1});
    words.radius[i] = block[0];
    words.angle[i] = block[1];
    words.radius[blocks + i] = block[2];
    words.angle[blocks + i] = block[3];
  }
}

/// The radius √(−2 ln u), u = (k + 1/2)/2^32, where k is the word. ln u = e ln 2 + ln m with √½ <= m < √2,
/// and ln m = 2 artanh s = 2 (s + s³/3 + s⁵/5 + …) with s = (m − 1)/(m + 1), s² <= 0.02944. The first term
/// left out, 2 s²³/23, is below 6e-19 s.
NTKC_TARGET_CLONES
void radii(const std::uint32_t* words, double scale, double* result) {
  constexpr std::uint64_t one_bits = 0x3FF0000000000000;        // 1.0
  constexpr std::uint64_t root_half_bits = 0x3FE6A09E667F3BCD;  // √½
  constexpr std::uint64_t integer_bits = 0x4330000000000000;    // 2^52: the integer in the mantissa is added
  constexpr std::uint64_t mantissa_bits = 0x000FFFFFFFFFFFFF;
  for (int i = 0; i < pairs; ++i) {
    const double u = (std::bit_cast<double>(words[i] | integer_bits) - (0x1p52 - 0.5)) * 0x1p-32;
    // Exponent e + 1023 and mantissa, the mantissa brought to [√½, √2). One is added to e for u in [√½, 1).
    const std::uint64_t shifted = std::bit_cast<std::uint64_t>(u) + (one_bits - root_half_bits);
    const double e = std::bit_cast<double>(shifted >> 52U | integer_bits) - (0x1p52 + 1023.0);
    const double m = std::bit_cast<double>((shifted & mantissa_bits) + root_half_bits);
    const double s = (m - 1.0) / (m + 1.0);
    const double t = s * s;
    double sum = 1.0 / 21;
    sum = sum * t + 1.0 / 19;
    sum = sum * t + 1.0 / 17;
    sum = sum * t + 1.0 / 15;
    sum = sum * t + 1.0 / 13;
    sum = sum * t + 1.0 / 11;
    sum = sum * t + 1.0 / 9;
    sum = sum * t + 1.0 / 7;
    sum = sum * t + 1.0 / 5;
    sum = sum * t + 1.0 / 3;
    const double log_m = 2.0 * (s + s * t * sum);
    // ln 2 in two parts: the first has 20 trailing zeros, so that e · part is exact.
    const double minus_log = -(e * 0x1.62e42fefap-1 + (e * 0x1.cf79abc9e3b39p-40 + log_m));
    result[i] = scale * std::sqrt(2.0 * minus_log);
  }
}

/// The cosine and sine of the angle (quadrant + f) π/2, where the quadrant is the upper 2 bits of the word
/// and f in (−½, ½) comes from the other 30. They are Taylor polynomials at x = fπ/2, up to x^17 and x^16;
/// the first terms left out are below 3e-18.
NTKC_TARGET_CLONES
void directions(const std::uint32_t* words, double* cosine, double* sine) {
  constexpr std::uint64_t integer_bits = 0x4330000000000000;
  for (int i = 0; i < pairs; ++i) {
    const std::uint64_t fraction = words[i] & 0x3FFFFFFFU;
    const double f = ((std::bit_cast<double>(fraction | integer_bits) - 0x1p52) - (0x1p29 - 0.5)) * 0x1p-30;
    const double x = f * 1.57079632679489661923;
    const double t = x * x;
    double s = 1.0 / 355687428096000;
    s = s * t - 1.0 / 1307674368000;
    s = s * t + 1.0 / 6227020800;
    s = s * t - 1.0 / 39916800;
    s = s * t + 1.0 / 362880;
    s = s * t - 1.0 / 5040;
    s = s * t + 1.0 / 120;
    s = s * t - 1.0 / 6;
    s = x + x * t * s;
    double c = 1.0 / 20922789888000;
    c = c * t - 1.0 / 87178291200;
    c = c * t + 1.0 / 479001600;
    c = c * t - 1.0 / 3628800;
    c = c * t + 1.0 / 40320;
    c = c * t - 1.0 / 720;
    c = c * t + 1.0 / 24;
    c = c * t - 0.5;
    c = 1.0 + t * c;
    // The point is turned by the quadrant: (c, s), (−s, c), (−c, −s), (s, −c).
    const bool odd = (words[i] & 0x40000000U) != 0;
    const bool high = (words[i] & 0x80000000U) != 0;
    const double first = odd ? -s : c;
    const double second = odd ? c : s;
    cosine[i] = high ? -first : first;
    sine[i] = high ? -second : second;
  }
}

/// Pair i of block b gives the columns 4 b + 2 i and 4 b + 2 i + 1.
NTKC_TARGET_CLONES
void interleave(const double* radius, const double* cosine, const double* sine, double* result) {
  for (int b = 0; b < blocks; ++b) {
    result[4 * b] = radius[b] * cosine[b];
    result[4 * b + 1] = radius[b] * sine[b];
    result[4 * b + 2] = radius[blocks + b] * cosine[blocks + b];
    result[4 * b + 3] = radius[blocks + b] * sine[blocks + b];
  }
}

}  // namespace

void fill_normal(const NormalStream& stream, std::int64_t row, std::int64_t first_column, std::int64_t count,
                 double scale, double* result) {
  for (std::int64_t done = 0; done < count; done += columns) {
    Words words;
    random_words(static_cast<std::uint32_t>((first_column + done) / 4), static_cast<std::uint32_t>(row),
                 stream, words);
    double radius[pairs];
    radii(words.radius, scale, radius);
    double cosine[pairs];
    double sine[pairs];
    directions(words.angle, cosine, sine);
    if (count - done >= columns) {
      interleave(radius, cosine, sine, result + done);
    } else {
      double last[columns];
      interleave(radius, cosine, sine, last);
      std::copy_n(last, count - done, result + done);
    }
  }
}

}  // namespace ntkc::simulator
