// Every diagnostic of elaboration: message, place, notes and help.
#include <doctest/doctest.h>

#include "tests/layer_graph/elaborated.hpp"

namespace ntkc::layer_graph {
namespace {

TEST_CASE("Names, layers and arguments that are wrong") {
  CHECK(mistakes_of_body(R"(
h = x |> dense(W_std = -w) |> relu |> rleu
s = 0 - 0.5
k = x |> dense(Wstd = 1, b_std = 1, b_std = 2)
l = x |> dense |> leaky_relu
m = x |> dense |> leaky_relu(0.2, 0.3)
n = x |> dense |> leaky_relu(0.2, alpha = 0.3)
o = x |> dense |> relu(3)
p = x |> dense(3)
q = dense(W_std = 1)
r = 3 |> dense
t = x |> dense(W_std = x)
u = x |> dense(W_std = true, width = 2.5, frozen = 1)
v = x |> dense(W_std = s, width = 0, lr = -1)
z = x |> w
a = relu
b = sqrt
c = y + 1
d = widt * 2
e = x |> foo(3)
output relu(x)
)") == R"(3:24: `W_std` is not negative, got -1.5 [argument-out-of-range] at <-w>
3:39: unknown layer `rleu`, did you mean `relu`? [unknown-layer] at <rleu>
5:16: `dense` has no argument `Wstd`, did you mean `W_std`? [unknown-argument] at <Wstd>
5:37: `b_std` is given twice [duplicate-argument] at <b_std>
  5:26: the first is here at <b_std>
6:19: `leaky_relu` needs its argument `alpha`, the slope below zero [missing-argument] at <leaky_relu>
  help: write `leaky_relu(alpha = …)`
7:35: `leaky_relu` takes 1 argument beside the value it is applied to [positional-argument] at <0.3>
8:35: `alpha` is given twice [duplicate-argument] at <alpha>
  8:30: the first is here at <0.2>
9:24: `relu` takes nothing but the value it is applied to [positional-argument] at <3>
10:16: `dense` takes its arguments by keyword [positional-argument] at <3>
  help: if this is its width, leave it out: kernels are those of infinite width; `width = …` is for finite networks
11:5: `dense` is applied to nothing [missing-argument] at <dense>
  help: write `h |> dense`
12:5: `dense` is applied to a network value, got the integer 3 [type-mismatch] at <3>
13:24: `W_std` is a constant, got a network value [not-constant] at <x>
14:24: `W_std` is a number, got the boolean true [type-mismatch] at <true>
14:38: `width` is an integer, got the real 2.5 [type-mismatch] at <2.5>
14:52: `frozen` is `true` or `false`, got the integer 1 [type-mismatch] at <1>
15:24: `W_std` is not negative, got -0.5 [argument-out-of-range] at <s>
  4:1: `s` is bound to the real -0.5 here at <s>
15:35: `width` is at least 1, got 0 [argument-out-of-range] at <0>
15:43: `lr` is not negative, got -1 [argument-out-of-range] at <-1>
16:10: `w` is a value, not a layer [type-mismatch] at <w>
  1:11: bound here at <w>
17:5: `relu` is an activation, not a value [type-mismatch] at <relu>
  help: apply it: `h |> relu`
18:5: `sqrt` is a function, not a value [type-mismatch] at <sqrt>
  help: apply it: `h |> sqrt`
19:5: unknown name `y` [unknown-name] at <y>
20:5: unknown name `widt` [unknown-name] at <widt>
21:10: unknown layer `foo` [unknown-layer] at <foo>
  help: `ntkc layers` lists the layers there are
22:8: `relu` needs a Gaussian value of mean zero, got the input `x` [non-gaussian-input] at <relu>
  2:1: the input `x` comes from here at <input x : vector(3)>
  help: put a `dense` between
)");
}

TEST_CASE("Names in the capitals of another tool, widths by position, names from elsewhere in the file") {
  CHECK(mistakes_of_body(R"(
a = x |> Dense |> ReLU
b = x |> dense(frozen = True)
c = later |> dense
later = x |> dense(512)
d = x |> dense(0.5)
def block(h) {
  inner = h |> relu
  return inner |> dense
}
def conv(h, self_attention) { return h }
e = inner |> dense
f = x |> LeakyRelu
output x
)") == R"(3:10: unknown layer `Dense`, did you mean `dense`? [unknown-layer] at <Dense>
3:19: unknown layer `ReLU`, did you mean `relu`? [unknown-layer] at <ReLU>
4:25: unknown name `True`, did you mean `true`? [unknown-name] at <True>
5:5: unknown name `later` [unknown-name] at <later>
  6:1: it is bound here, further down at <later>
6:20: `dense` takes its arguments by keyword [positional-argument] at <512>
  help: if this is its width, leave it out: kernels are those of infinite width; `width = …` is for finite networks
7:16: `dense` takes its arguments by keyword [positional-argument] at <0.5>
  help: name it, as in `dense(W_std = …)`: its arguments are `W_std`, `b_std`, `width`, `frozen`, `lr`, `b_lr` or `bias`
12:5: `conv` is built in and cannot be bound [reserved-name] at <conv>
  help: choose another name
12:13: `self_attention` is the name of a layer to come and cannot be bound [reserved-name] at <self_attention>
  help: choose another name
13:5: unknown name `inner` [unknown-name] at <inner>
  9:3: what is bound here is local to the body around it at <inner>
  help: to keep what a `repeat` makes of a name, bind it before
14:10: unknown layer `LeakyRelu`, did you mean `leaky_relu`? [unknown-layer] at <LeakyRelu>
)");
}

TEST_CASE("Operands that are wrong") {
  CHECK(mistakes_of_body(R"(
h = x |> dense
a = h ^ 2
b = 2 / h
c = h < 3
d = true * h
e = -true
f = sqrt(h)
g = sqrt(true)
i = sqrt(2, 3)
j = sqrt()
k = exp(z = 3)
l = if h then 1 else 2
m = []
n = "text"
o = h / 0
p = relu()
q = 1e100 * h * 1e100
r = (6e149 * h) + (6e149 * h)
output h + x |> relu
)") == R"(4:5: this operand of `^` has to be a constant, got a network value [not-constant] at <h>
5:9: this operand of `/` has to be a constant, got a network value [not-constant] at <h>
6:5: this operand of `<` has to be a constant, got a network value [not-constant] at <h>
7:5: a network value is scaled by a number, got the boolean true [type-mismatch] at <true>
8:6: `-` needs a number, got the boolean true [type-mismatch] at <true>
9:5: `sqrt` is a function of numbers, not an activation [type-mismatch] at <sqrt>
  help: `ntkc layers` lists the activations there are
10:5: `sqrt` needs a number, got the boolean true [type-mismatch] at <sqrt>
11:13: `sqrt` takes one number [positional-argument] at <3>
12:5: `sqrt` is applied to nothing [missing-argument] at <sqrt>
  help: write `sqrt(2)`
13:5: `exp` is applied to nothing [missing-argument] at <exp>
  help: write `h |> exp`
13:9: `exp` has no argument `z` [unknown-argument] at <z>
14:8: a condition is a constant, got a network value [not-constant] at <h>
15:5: a list has at least one number, got none [argument-out-of-range] at <[]>
16:5: a text is not a value [type-mismatch] at <"text">
  help: texts name files: `import "blocks.arch"`, `aggregate("adjacency.csv")`
17:7: a coefficient is inf, where kernels take 0 or magnitudes from 1e-150 to 1e+150 [arithmetic-error] at </>
  help: kernels hold its square, in double precision: rescale the inputs instead
18:5: `relu` is applied to nothing [missing-argument] at <relu>
  help: write `h |> relu`
19:15: a coefficient is 1e+200, where kernels take 0 or magnitudes from 1e-150 to 1e+150 [arithmetic-error] at <*>
  help: kernels hold its square, in double precision: rescale the inputs instead
20:17: a coefficient is 1.2e+150, where kernels take 0 or magnitudes from 1e-150 to 1e+150 [arithmetic-error] at <+>
  help: kernels hold its square, in double precision: rescale the inputs instead
21:17: `relu` needs a Gaussian value of mean zero, got the input `x` [non-gaussian-input] at <relu>
  2:1: the input `x` comes from here at <input x : vector(3)>
  help: put a `dense` between
)");
}

TEST_CASE("Counts that are wrong and what goes wrong in a body") {
  CHECK(mistakes_of_body(R"(
repeat x { h = 3 }
repeat 2.0 { h = 3 }
repeat -1 { h = 3 }
repeat true { h = 3 }
repeat 2 { q = x |> dense }
k = q
h = x |> dense
repeat 3 { h = h |> relu }
repeat 3 { g = h |> dense |> relu |> relu
 h = g }
output h
)") == R"(3:8: the count of a `repeat` is a constant, got a network value [not-constant] at <x>
4:8: the count of a `repeat` is an integer, got the real 2 [type-mismatch] at <2.0>
5:8: the count of a `repeat` is not negative, got -1 [argument-out-of-range] at <-1>
6:8: the count of a `repeat` is an integer, got the boolean true [type-mismatch] at <true>
8:5: unknown name `q` [unknown-name] at <q>
  7:12: what is bound here is local to the body around it at <q>
  help: to keep what a `repeat` makes of a name, bind it before
10:21: `relu` needs a Gaussian value of mean zero, got the output of `relu` [non-gaussian-input] at <relu>
  10:21: the output of `relu` comes from here at <relu>
  10:12: through `h`, which a `repeat` carries at <h>
  help: put a `dense` between
)");
}

TEST_CASE("Bindings, arithmetic and sums that are wrong") {
  CHECK(
      mistakes_of_body(R"(
h = x |> dense |> relu |> relu
k = x |> dense |> self_attention(3)
x = 3
w = 2
relu = 3
pi = 3
m = (x |> dense) * (x |> dense)
c = (x|>dense) + 1
d = (x|>dense(width = 3)) + (x|>dense(width=4))
e = sqrt(-1)
f = 1/0
g = 2^31
hh = 2^0.5 + true
i = if 1 then 2 else 3
output 3
)") ==
      R"(3:27: `relu` needs a Gaussian value of mean zero, got the output of `relu` [non-gaussian-input] at <relu>
  3:19: the output of `relu` comes from here at <relu>
  help: put a `dense` between
4:19: `self_attention` is not supported in this version [unsupported] at <self_attention>
  help: `ntkc layers` lists what is
5:1: `x` is bound already, as an input [redefinition] at <x>
  2:7: bound here at <x>
  help: choose another name
6:1: `w` is bound already, as a parameter [redefinition] at <w>
  1:11: bound here at <w>
  help: choose another name
7:1: `relu` is built in and cannot be bound [reserved-name] at <relu>
  help: choose another name
8:1: `pi` is built in and cannot be bound [reserved-name] at <pi>
  help: choose another name
10:16: a network value and a constant cannot be added: the integer 1 [constant-sum] at <+>
  10:18: the constant at <1>
  10:5: the network value at <(x|>dense)>
  help: a bias is what `b_std` of a layer is for
11:27: summands of different shapes: `vector(3)` and `vector(4)` [shape-mismatch] at <+>
  11:9: the shape of `vector(3)` comes from here at <dense(width = 3)>
  11:33: the shape of `vector(4)` comes from here at <dense(width=4)>
12:5: `sqrt(-1)` has no finite value [arithmetic-error] at <sqrt>
13:6: `1 / 0` has no finite value [arithmetic-error] at </>
14:6: `2 ^ 31` is beyond the largest integer 2147483647 [arithmetic-error] at <^>
15:12: `+` needs a number, got the boolean true [type-mismatch] at <+>
16:8: a condition is a boolean, got the integer 1 [type-mismatch] at <1>
17:8: the output of a network is a network value, got the integer 3 [type-mismatch] at <3>
)");
}

TEST_CASE("Statements in the wrong place and inputs of other types") {
  CHECK(mistakes_of(R"(network n(w = 1, w = 2, relu = 3)
parametrization = cntk
input x : vektor(3)
input y : image(3, 4, 5)
output x
output x
z = 3
repeat 2 { z = x }
)") == R"(1:18: `w` is bound already, as a parameter [redefinition] at <w>
  1:11: bound here at <w>
  help: choose another name
1:25: `relu` is built in and cannot be bound [reserved-name] at <relu>
  help: choose another name
3:11: unknown input type `vektor`, did you mean `vector`? [unknown-name] at <vektor>
4:1: a second `input` [misplaced-statement] at <input y : image(3, 4, 5)>
  3:1: the first is here at <input x : vektor(3)>
6:1: a second `output` [misplaced-statement] at <output x>
  5:1: the first is here at <output x>
7:1: a statement after `output` [misplaced-statement] at <z = 3>
  5:1: the `output` is here at <output x>
  help: `output` is the last statement of a network
8:1: a statement after `output` [misplaced-statement] at <repeat 2 { z = x }>
  5:1: the `output` is here at <output x>
  help: `output` is the last statement of a network
)");
}

TEST_CASE("Factors whose square is beyond double precision") {
  CHECK(mistakes_of(R"(network n(w = 1e200)
input x : vector(3)
h = x |> dense(W_std = w)
g = x |> dense(b_std = 1e-200, lr = 1e300)
f = x |> dense(W_std = 1e150, b_std = 1e-150)
output 1e160 * f
)") == R"(3:24: `W_std` is 0 or from 1e-150 to 1e+150, got 1e+200 [argument-out-of-range] at <w>
  1:11: `w` is bound to the real 1e+200 here at <w>
  help: kernels hold products of it, in double precision: rescale the inputs instead
4:24: `b_std` is 0 or from 1e-150 to 1e+150, got 1e-200 [argument-out-of-range] at <1e-200>
  help: kernels hold products of it, in double precision: rescale the inputs instead
4:37: `lr` is 0 or from 1e-150 to 1e+150, got 1e+300 [argument-out-of-range] at <1e300>
  help: kernels hold products of it, in double precision: rescale the inputs instead
6:14: a coefficient is 1e+160, where kernels take 0 or magnitudes from 1e-150 to 1e+150 [arithmetic-error] at <*>
  help: kernels hold its square, in double precision: rescale the inputs instead
)");
}

TEST_CASE("Biases where the parametrization has none") {
  CHECK(mistakes_of(R"(network n(b = 0.5, none = 0)
parametrization = cntk
input x : vector(3)
h = x |> dense(b_std = b)
g = x |> dense(b_std = none, bias = false)
output g |> relu |> dense(bias = true, W_std = 2)
)") == R"(4:24: `parametrization = cntk` has no biases, got `b_std` [argument-out-of-range] at <b>
  2:19: the parametrization is here at <cntk>
  help: leave `b_std` out, or use `parametrization = ntk`
6:34: `parametrization = cntk` has no biases, got `bias` [argument-out-of-range] at <true>
  2:19: the parametrization is here at <cntk>
  help: leave `bias` out, or use `parametrization = standard`
)");
}

TEST_CASE("Arguments of a layer with weights that have no effect, or contradict one another") {
  CHECK(
      mistakes_of(R"(network n(b = 0.5, l = 0.5)
input x : vector(3)
h = x |> dense(bias = true)
h = h |> relu |> dense(bias = false, b_std = b)
h = h |> relu |> dense(lr = l, b_lr = l, frozen = true)
h = h |> relu |> dense(b_lr = 1, bias = true)
output h |> relu |> dense(b_lr = 0, b_std = b, lr = 0)
)") ==
      R"(3:23: `bias = true` has no effect under `parametrization = ntk`, where there is a bias if b_std > 0 [ineffective-argument] at <true>
  help: for biases that start at 0 and are trained write `b_lr = 1`, what they add to Theta; for drawn ones `b_std`
)");
  const auto mistake = [](const std::string& arguments, const std::string& parametrization) {
    return mistakes_of("network n(b = 0.5, l = 0.5)\nparametrization = " + parametrization +
                       "\ninput x : vector(3)\noutput x |> dense(" + arguments + ")\n");
  };
  for (const char* const parametrization : {"ntk", "standard"}) {
    CHECK(mistake("bias = false, b_std = b", parametrization) ==
          "4:26: `bias = false` contradicts `b_std = 0.5` [ineffective-argument] at <false>\n"
          "  help: leave out one of them\n");
    CHECK(mistake("lr = l, frozen = true", parametrization) ==
          "4:24: `lr` has no effect on a layer that is `frozen` [ineffective-argument] at <l>\n"
          "  help: leave out one of them\n");
    CHECK(mistake("frozen = true, b_lr = l", parametrization) ==
          "4:41: `b_lr` has no effect on a layer that is `frozen` [ineffective-argument] at <l>\n"
          "  help: leave out one of them\n");
    CHECK(mistake("b_lr = l, bias = true", parametrization) ==
          "4:36: `bias` has no effect beside `b_lr`, which says whether biases are trained "
          "[ineffective-argument] at <true>\n  help: leave out `bias`\n");
    for (const char* const good :
         {"bias = false", "b_lr = 0, b_std = b", "lr = 1, frozen = true", "b_lr = l, lr = 0"})
      CHECK(mistake(good, parametrization) == "");
  }
  CHECK(mistake("bias = true, b_std = b", "standard") == "");
  CHECK(mistake("b_lr = l", "cntk") ==
        "4:26: `parametrization = cntk` has no biases, got `b_lr` [argument-out-of-range] at <l>\n"
        "  2:19: the parametrization is here at <cntk>\n"
        "  help: leave `b_lr` out, or use `parametrization = ntk`\n");
}

TEST_CASE("A network without input and output, with a -D that it does not have") {
  CHECK(mistakes_of(R"(network n(w = 1, depth = 3)
h = 3
)",
                    {{"dpth", "3"}, {"w", "1/0"}}) ==
        R"(1:9: network `n` has no `input` [misplaced-statement] at <n>
  help: declare one: `input x : vector(64)`
1:9: network `n` has no `output` [missing-output] at <n>
  help: end it with `output` and the value of the network
<-D>:1:1: network `n` has no parameter `dpth`, did you mean `depth`? [unknown-parameter] at <dpth>
<-D w>:1:2: `1 / 0` has no finite value [arithmetic-error] at </>
)");
}

TEST_CASE("A network without parameters has none for -D") {
  CHECK(mistakes_of(R"(network n
input x : vector(3)
output x
)",
                    {{"depth", "3"}}) ==
        R"(<-D>:1:1: network `n` has no parameter `depth` [unknown-parameter] at <depth>
)");
}

TEST_CASE("A -D of another type, and one given twice") {
  CHECK(mistakes_of(R"(network n(a = true, d = 2 * 3)
input x : vector(d)
output if a then x else x |> dense
)",
                    {{"a", "3"}, {"d", "true"}, {"d", "4"}}) ==
        R"(<-D a>:1:1: parameter `a` is a boolean, got the integer 3 [type-mismatch] at <3>
  1:11: the parameter is here at <a>
<-D d>:1:1: parameter `d` is a number, got the boolean true [type-mismatch] at <true>
  1:21: the parameter is here at <d>
<-D>:1:1: `-D` gives `d` twice [duplicate-argument] at <d>
  <-D>:1:1: the first is here at <d>
)");
}

TEST_CASE("A -D sees no names of the network") {
  CHECK(mistakes_of(R"(network n(w = 1, depth = 3)
input x : vector(3)
output x
)",
                    {{"depth", "w"}}) == R"(<-D depth>:1:1: unknown name `w` [unknown-name] at <w>
)");
}

TEST_CASE("A vector of two sizes") {
  CHECK(mistakes_of(R"(network n
input x : vector(3, 4)
output x
)") == R"(2:11: `vector` has one size, got 2 [shape-mismatch] at <vector>
  help: write `vector(64)` for 64 numbers
)");
}

TEST_CASE("A vector of size zero") {
  CHECK(mistakes_of(R"(network n
input x : vector(0)
output x
)") == R"(2:18: a size is at least 1, got 0 [argument-out-of-range] at <0>
)");
}

TEST_CASE("A vector of real size") {
  CHECK(mistakes_of(R"(network n
input x : vector(2.0)
output x
)") == R"(2:18: a size is an integer, got the real 2 [type-mismatch] at <2.0>
)");
}

TEST_CASE("A parametrization that does not exist") {
  CHECK(mistakes_of(R"(network n
parametrization = standart
input x : vector(2)
output x
)") == R"(2:19: unknown parametrization `standart` [syntax-error] at <standart>
  help: there are `ntk`, `standard` and `cntk`
)");
}

TEST_CASE("The standard parametrization needs to know the width in front of a layer") {
  CHECK(
      mistakes_of(R"(network n
parametrization = standard
input x : vector(2)
h = x |> dense |> relu
output h |> dense
)") ==
      R"(5:13: `dense` adds to Theta in proportion to the number of units in front of it, which is not stated [unknown-width] at <dense>
  4:19: they come from here at <relu>
  2:19: the parametrization is here at <standard>
  help: give the layer in front its `width`, or use `parametrization = ntk`
)");
}

TEST_CASE("Types that change for ever") {
  CHECK(
      mistakes_of_body(R"(
a = x |> dense
b = a |> relu 
repeat 20 { t = a
 a = b
 b = t }
output a
)") ==
      R"(6:2: `a` changes type in every iteration: from `vector(inf) gaussian` to `vector(inf)` [unstable-repeat] at <a>
  help: let each iteration end in values of the types that it began with
)");
}

TEST_CASE("A constant that changes in every iteration") {
  CHECK(mistakes_of_body(R"(
s = 1.0
h = x |> dense
repeat 20 { h = h |> relu |> dense(W_std = s)
 s = s * 0.5 }
output h
)") == R"(6:2: the constant `s` has another value in each iteration [unsupported] at <s>
  help: the iterations of a `repeat` are alike: write out those that are not
)");
}

TEST_CASE("The source of a non-Gaussian value is found through sums and loops") {
  CHECK(
      mistakes_of_body(R"(
h = x |> dense
repeat 4 { h = h |> dense |> erf }
k = h + (x |> dense)
output k |> relu
)") ==
      R"(6:13: `relu` needs a Gaussian value of mean zero, got the output of `erf` [non-gaussian-input] at <relu>
  4:30: the output of `erf` comes from here at <erf>
  4:12: through `h`, which a `repeat` carries at <h>
  help: put a `dense` between
)");
}

TEST_CASE("Counts beyond the limit are refused before anything is expanded") {
  CHECK(
      mistakes_of_body(R"(
h = x |> dense
repeat 1000000000 { repeat 1000000000 { repeat 1000000000 { repeat 1000000000 { repeat 1000000000 { h = h |> relu |> dense } } } } }
output h
)") ==
      R"(4:8: 1000000000 iterations are more than the limit of 1000000 layers [limit-exceeded] at <1000000000>
)");
}

TEST_CASE("The product of counts is limited") {
  CHECK(
      mistakes_of_body(R"(
h = x |> dense
repeat 1000 { repeat 1001 { h = h |> relu |> dense } }
output h
)") ==
      R"(4:22: 1001 iterations in each of 1000 around them are more than the limit of 1000000 layers [limit-exceeded] at <1001>
)");
}

TEST_CASE("The layers of all iterations are limited") {
  CHECK(mistakes_of_body(R"(
h = x |> dense
repeat 1000 { repeat 1000 { h = h |> relu |> dense } }
output h
)") == R"(4:38: more than 1000000 layers, with every `repeat` written out [limit-exceeded] at <relu>
)");
}

}  // namespace
}  // namespace ntkc::layer_graph
