#include <doctest/doctest.h>
#include <quadmath.h>

#include <set>
#include <stdexcept>
#include <string>
#include <utility>

#include "compiler/kernel_ir/interpreter.hpp"
#include "compiler/kernel_ir/program.hpp"
#include "tests/kernel_ir/random_program.hpp"

using namespace ntkc;
using namespace ntkc::kernel_ir;

namespace {

// relative to its magnitude; programs at random may well give NaN and infinity, which must come back, too
bool agree(Quad a, Quad b) {
  if (isnanq(a) || isnanq(b)) return isnanq(a) && isnanq(b);
  if (isinfq(a) || isinfq(b)) return a == b;
  return fabsq(a - b) <= 1e-30 * (1 + fabsq(a));
}

Program check_text(const Program& program) {
  REQUIRE(verify(program) == "");
  const std::string text = print(program);
  INFO(text);
  Program parsed = parse(text);
  CHECK(verify(parsed) == "");
  REQUIRE(print(parsed) == text);
  return parsed;
}

bool is_of_positions(Operation operation) {
  return operation == Operation::input_self_complement || operation == Operation::input_self_cocomplement ||
         operation == Operation::self_identity || operation == Operation::dropout ||
         (operation >= Operation::broadcast && operation <= Operation::tap_product);
}

bool is_sparse(Operation operation) {
  return operation == Operation::sparse_product || operation == Operation::sparse_deficit ||
         operation == Operation::series_square;
}

void check_round_trip(const Program& program) {
  const Program parsed = check_text(program);
  INFO(print(program));
  CHECK(parsed.name == program.name);
  CHECK(parsed.input_size == program.input_size);
  CHECK(parsed.parameters == program.parameters);
  for (const InputCovariance& input :
       {InputCovariance{1.5, 0.75, 0.5}, InputCovariance{1, 1, 1}, InputCovariance{0, 2, 0}}) {
    const std::vector<Quad> expected = interpret(program, input);
    const std::vector<Quad> values = interpret(parsed, input);
    REQUIRE(values.size() == expected.size());
    for (std::size_t i = 0; i < values.size(); ++i) CHECK(agree(values[i], expected[i]));
  }
}

}  // namespace

TEST_CASE("random programs print, parse and print as the same text") {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    CAPTURE(seed);
    check_text(testing::RandomProgram(seed).build());
  }
}

TEST_CASE("a name that a long line asks for has its place among the statements") {
  // Of these programs the line is met earlier than it is printed.
  for (const std::uint64_t seed : {2136, 8597, 17593}) {
    CAPTURE(seed);
    check_text(testing::RandomProgram(seed).build());
  }
}

TEST_CASE("a random program and its printed form evaluate the same") {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    CAPTURE(seed);
    check_round_trip(testing::RandomProgram(seed, true).build());
  }
}

TEST_CASE("random programs exercise every operation of the text form") {
  std::set<std::string_view> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Program program = testing::RandomProgram(seed).build();
    for (const Node& node : program.nodes()) seen.insert(info(node.operation).name);
  }
  for (int i = 0; i <= static_cast<int>(Operation::loop_result); ++i) {
    const std::string_view operation = info(static_cast<Operation>(i)).name;
    CAPTURE(operation);
    if (is_of_positions(static_cast<Operation>(i))) continue;  // test_positions.cpp has those
    if (is_sparse(static_cast<Operation>(i)) || static_cast<Operation>(i) == Operation::scaled)
      continue;  // below
    CHECK(seen.contains(operation));
  }
}

TEST_CASE("a scaled covariance and its printed form evaluate the same") {
  Program p;
  p.input_size = 3;
  const NodeId c = p.input_cross();
  const NodeId root = p.square_root(p.real(Operation::add, {p.variance(c), p.literal(0.5)}));
  p.roots = {{"Sigma", p.apply(Operation::scaled, {c, p.real(Operation::reciprocal_or_zero, {root})})}};
  check_round_trip(p);
}

TEST_CASE("lines of random programs are not much longer than 100 columns") {
  std::size_t longest = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const std::string text = print(testing::RandomProgram(seed).build());
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = text.find('\n', begin);
      longest = std::max(longest, end - begin);
      begin = end + 1;
    }
  }
  // One operation of five operands, names of up to 24 letters each; a series has two and as many numbers.
  CHECK(longest <= 160);
}

TEST_CASE("a chain of 100000 nodes prints and parses") {
  Program program;
  program.name = "deep";
  NodeId covariance = program.input_cross();
  NodeId value = program.cross(covariance);
  const NodeId half = program.literal(0.5);
  for (int i = 0; i < 25000; ++i) {
    covariance = program.add(program.multiply(covariance, half), half);
    value = program.add(program.multiply(value, half), program.cross(covariance));
    value = program.square_root(value);
  }
  program.roots = {{"Sigma", covariance}, {"Theta", value}};
  REQUIRE(program.size() > 100000);
  check_round_trip(program);
}

TEST_CASE("broken texts are refused with the line, never accepted as an invalid program") {
  std::mt19937_64 random(7);
  int refused = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const std::string text = print(testing::RandomProgram(seed).build());
    for (int i = 0; i < 100; ++i) {
      std::string broken = text;
      const std::size_t at = random() % text.size();
      constexpr std::string_view characters = "qcstkd0123456789 ()'*+-/^,;=\n{}.x";
      switch (random() % 3) {
        case 0:
          broken.erase(at, 1 + random() % 4);
          break;
        case 1:
          broken[at] = characters[random() % characters.size()];
          break;
        default:
          broken.insert(at, 1, characters[random() % characters.size()]);
      }
      try {
        const Program parsed = parse(broken);
        CHECK(verify(parsed) == "");
      } catch (const std::invalid_argument& error) {
        ++refused;
        CHECK(std::string_view(error.what()).starts_with("line "));
      }
    }
  }
  CHECK(refused > 1000);
}

TEST_CASE("series with sparse degrees print, parse and evaluate the same") {
  for (const int first : {0, 1, 2, 3}) {
    for (const int order : {0, first}) {
      for (const std::vector<double>& breaks : {std::vector<double>{}, {-0.5, 1.25}}) {
        CAPTURE(first);
        CAPTURE(order);
        Program p;
        p.name = "sparse";
        p.input_size = 1;
        const NodeId f = p.real(Operation::tanh, {p.variable()});
        p.function_names.emplace(f, "f");
        const hermite::Terms terms = {.count = 128,
                                      .parity = first % 2 == 0 ? hermite::Parity::even : hermite::Parity::odd,
                                      .rule = {breaks, 40, 4.5, 3.5},
                                      .tail = 2,
                                      .first = first,
                                      .order = order};
        const NodeId root = p.real(Operation::square_root, {p.input_square()});
        const NodeId series = p.hermite_series(root, p.literal(0.5), f, terms, 0);
        const NodeId a = p.first(series);
        const NodeId b = p.second(series);
        const NodeId w = p.input_complement();
        p.roots = {{"product", p.real(Operation::sparse_product, {a, b, w})},
                   {"deficit", p.real(Operation::sparse_deficit, {a, b, w})},
                   {"square", p.first(p.real(Operation::series_square, {series}))}};
        check_round_trip(p);
      }
    }
  }
}
