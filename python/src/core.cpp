// ntkc for Python: what `ntkc/__init__.py` is made of. No numerics of its own: arrays go to the C++ interface as they are.
//
// The interpreter's lock is released while something is compiled or computed, and taken again for progress and to see
// whether the user has pressed Ctrl-C.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/function.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <ntkc/cancellation.hpp>
#include <ntkc/compile_model.hpp>
#include <ntkc/compiler.hpp>
#include <ntkc/errors.hpp>
#include <ntkc/expansion_remainder.hpp>
#include <ntkc/gram.hpp>
#include <ntkc/kernel.hpp>
#include <ntkc/model.hpp>
#include <ntkc/output_file.hpp>
#include <ntkc/posterior.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

namespace nb = nanobind;
using namespace nb::literals;

namespace {

/// Rows of inputs, or of targets; ntkc/__init__.py has made doubles of them, row by row.
using Rows = nb::ndarray<const double, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
template <typename T>
using Result = nb::ndarray<T, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

ntkc::MatrixView<const double> view(const Rows& x) {
  return {x.data(), static_cast<std::ptrdiff_t>(x.shape(0)), static_cast<std::ptrdiff_t>(x.shape(1))};
}
template <typename T>
ntkc::MatrixView<T> view(const Result<T>& x) {
  return {x.data(), static_cast<std::ptrdiff_t>(x.shape(0)), static_cast<std::ptrdiff_t>(x.shape(1))};
}

/// Runs work(execution) without the lock. Every 50 ms the main thread looks for signals.
template <typename Work>
auto computed(int threads, const nb::object& progress, const Work& work) {
  using Clock = std::chrono::steady_clock;
  auto last = Clock::now();
  std::exception_ptr raised;  // by a signal's handler or by the callback, on whatever thread
  const bool has_progress = !progress.is_none();
  ntkc::Execution execution;
  execution.threads = threads;
  const auto ask = [&](double fraction) {
    if (raised) return false;
    const auto now = Clock::now();
    if (now - last < std::chrono::milliseconds(50) && fraction < 1) return true;
    last = now;
    const nb::gil_scoped_acquire lock;
    if (PyErr_CheckSignals() != 0) {
      raised = std::make_exception_ptr(nb::python_error());
      return false;
    }
    if (!has_progress) return true;
    try {
      const nb::object answer = progress(fraction);
      return answer.is_none() || nb::cast<bool>(nb::bool_(answer));
    } catch (...) {
      raised = std::current_exception();
      return false;
    }
  };
  execution.progress = ask;
  try {
    const nb::gil_scoped_release unlocked;
    const ntkc::CancellationScope scope([&] { return ask(0); });
    return work(execution);
  } catch (const ntkc::Cancelled&) {
    if (raised) std::rethrow_exception(raised);
    throw;
  }
}

ntkc::CompileOptions options_of(const std::map<std::string, std::string>& definitions, bool f32,
                                double tolerance, double largest_input, std::int64_t input_size,
                                const std::string& extra, const std::vector<std::string>& derivatives,
                                std::vector<std::string>* warnings) {
  ntkc::CompileOptions options;
  options.definitions = definitions;
  options.precision = f32 ? ntkc::Precision::f32 : ntkc::Precision::f64;
  options.tolerance = tolerance;
  options.largest_input = largest_input;
  options.input_size = input_size;
  options.per_layer = extra == "per-layer";
  options.all_depths = extra == "all-depths";
  options.derivatives = derivatives;
  if (warnings != nullptr)
    options.on_warning = [warnings](const ntkc::RenderedDiagnostic& warning) {
      warnings->push_back(ntkc::text_of(warning));
    };
  return options;
}

ntkc::KernelKind kind_of(const std::string& name) {
  if (name == "sigma" || name == "nngp") return ntkc::KernelKind::sigma;
  if (name == "theta" || name == "ntk") return ntkc::KernelKind::theta;
  throw nb::value_error(("no kernel `" + name + "`: there are `sigma` (nngp) and `theta` (ntk)").c_str());
}

ntkc::RidgeCriterion criterion_of(const std::string& name) {
  for (const auto each :
       {ntkc::RidgeCriterion::leave_one_out, ntkc::RidgeCriterion::generalized_cross_validation,
        ntkc::RidgeCriterion::marginal_likelihood})
    if (ntkc::name(each) == name) return each;
  throw nb::value_error(("no criterion `" + name + "`: there are loo, gcv and evidence").c_str());
}

struct Fitted {
  ntkc::Model model;
  ntkc::Kernel kernel;
};

template <typename T>
void gram_into(const ntkc::Kernel& kernel, const std::string& kind, const Rows& x,
               const std::optional<Rows>& y, const Result<T>& result, int threads,
               const nb::object& progress) {
  const ntkc::KernelKind which = kind_of(kind);
  computed(threads, progress, [&](const ntkc::Execution& execution) {
    if (y)
      ntkc::cross_gram<T>(kernel, which, view(x), view(*y), view(result), execution);
    else
      ntkc::gram<T>(kernel, which, view(x), view(result), execution);
  });
}

template <typename T>
void planes_into(const ntkc::Kernel& kernel, const std::string& stack, const Rows& x,
                 const nb::ndarray<T, nb::ndim<3>, nb::c_contig, nb::device::cpu>& result, int threads,
                 const nb::object& progress) {
  const ntkc::KernelStack* const found = kernel.functions().find(stack);
  if (found == nullptr) throw ntkc::InputError("the kernel was not compiled with `" + stack + "`");
  const auto rows = static_cast<std::ptrdiff_t>(x.shape(0));
  std::vector<ntkc::MatrixView<T>> planes;
  for (std::size_t p = 0; p < result.shape(0); ++p)
    planes.emplace_back(result.data() + static_cast<std::ptrdiff_t>(p) * rows * rows, rows, rows);
  computed(threads, progress, [&](const ntkc::Execution& execution) {
    ntkc::gram<T>(kernel, *found, view(x), std::span<const ntkc::MatrixView<T>>(planes), execution);
  });
}

/// Places, messages and help, as plain data.
nb::list diagnostics_of(const ntkc::CompileError& error) {
  nb::list result;
  for (const ntkc::RenderedDiagnostic& each : error.diagnostics()) {
    nb::dict entry;
    entry["kind"] = each.kind;
    entry["is_error"] = each.error;
    entry["file"] = each.place.file;
    entry["line"] = each.place.line;
    entry["column"] = each.place.column;
    entry["message"] = each.message;
    entry["help"] = each.help;
    result.append(entry);
  }
  return result;
}

}  // namespace

NB_MODULE(_core, m) {
  // The exceptions are those of ntkc/errors.py.
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    const auto raise = [](const char* name, const std::string& message) {
      const nb::object type = nb::module_::import_("ntkc.errors").attr(name);
      PyErr_SetString(type.ptr(), message.c_str());
    };
    try {
      std::rethrow_exception(thrown);
    } catch (const ntkc::CompileError& error) {
      const nb::object type = nb::module_::import_("ntkc.errors").attr("CompileError");
      const nb::object value = type(std::string(error.what()), diagnostics_of(error));
      PyErr_SetObject(type.ptr(), value.ptr());
    } catch (const ntkc::InputError& error) {
      raise("InputError", error.what());
    } catch (const ntkc::NumericalError& error) {
      raise("NumericalError", error.what());
    } catch (const ntkc::Cancelled& error) {
      raise("Cancelled", error.what());
    }
  });

  m.def("version", &ntkc::version_text);

  nb::class_<ntkc::Kernel>(m, "Kernel")
      .def_prop_ro("name", [](const ntkc::Kernel& k) { return k.name(); })
      .def_prop_ro("input_shape", [](const ntkc::Kernel& k) { return k.input_shape(); })
      .def_prop_ro("is_f32", [](const ntkc::Kernel& k) { return k.precision() == ntkc::Precision::f32; })
      .def_prop_ro("text", [](const ntkc::Kernel& k) { return k.functions().network.text; })
      .def_prop_ro("stacks",
                   [](const ntkc::Kernel& k) {
                     nb::dict result;
                     for (const ntkc::KernelStack& stack : k.functions().kernels)
                       result[nb::str(stack.name.c_str())] = stack.planes;
                     return result;
                   })
      .def("remainder",
           [](const ntkc::Kernel& k, const Rows& x) { return ntkc::expansion_remainder(k, view(x)); })
      .def("of",
           [](const ntkc::Kernel& k, const std::string& kind,
              const nb::ndarray<const double, nb::ndim<1>, nb::c_contig, nb::device::cpu>& x,
              const nb::ndarray<const double, nb::ndim<1>, nb::c_contig, nb::device::cpu>& y) {
             return k.of(kind_of(kind), {x.data(), x.shape(0)}, {y.data(), y.shape(0)});
           })
      .def("gram_f64", &gram_into<double>, "kind"_a, "x"_a, "y"_a.none(), "result"_a, "threads"_a,
           "progress"_a.none())
      .def("gram_f32", &gram_into<float>, "kind"_a, "x"_a, "y"_a.none(), "result"_a, "threads"_a,
           "progress"_a.none())
      .def("planes_f64", &planes_into<double>, "stack"_a, "x"_a, "result"_a, "threads"_a, "progress"_a.none())
      .def("planes_f32", &planes_into<float>, "stack"_a, "x"_a, "result"_a, "threads"_a, "progress"_a.none())
      .def("diagonal", [](const ntkc::Kernel& k, const std::string& kind, const Rows& x,
                          const nb::ndarray<double, nb::ndim<1>, nb::c_contig, nb::device::cpu>& result) {
        const ntkc::KernelKind which = kind_of(kind);
        const nb::gil_scoped_release unlocked;
        ntkc::gram_diagonal(k, which, view(x), result.data());
      });

  m.def(
      "compile",
      [](const std::string& text, const std::string& file,
         const std::map<std::string, std::string>& definitions, bool f32, double tolerance,
         double largest_input, std::int64_t input_size, const std::string& extra,
         const std::vector<std::string>& derivatives, const std::optional<Rows>& serve) {
        std::vector<std::string> warnings;
        ntkc::CompileOptions options =
            options_of(definitions, f32, tolerance, largest_input, input_size, extra, derivatives, &warnings);
        if (serve)
          options.largest_input_at = [&](std::int64_t positions) {
            return ntkc::largest_input(view(*serve), "x", positions);
          };
        ntkc::Kernel kernel = computed(0, nb::none(), [&](const ntkc::Execution&) -> ntkc::Kernel {
          return ntkc::compile(text, options, file);
        });
        return nb::make_tuple(nb::cast(std::move(kernel)), warnings);
      },
      "text"_a, "file"_a, "definitions"_a, "f32"_a, "tolerance"_a, "largest_input"_a, "input_size"_a,
      "extra"_a, "derivatives"_a, "serve"_a.none());

  m.def("show", [](const std::string& text, const std::string& file, const std::string& stage,
                   const std::map<std::string, std::string>& definitions, std::int64_t input_size) {
    const std::map<std::string, ntkc::Stage> stages = {
        {"ast", ntkc::Stage::ast},       {"graph", ntkc::Stage::graph},
        {"kernel", ntkc::Stage::kernel}, {"kernel-opt", ntkc::Stage::kernel_opt},
        {"latex", ntkc::Stage::latex},   {"llvm", ntkc::Stage::llvm},
        {"asm", ntkc::Stage::assembly}};
    const auto found = stages.find(stage);
    if (found == stages.end()) throw nb::value_error(("no stage `" + stage + "`").c_str());
    ntkc::CompileOptions options;
    options.definitions = definitions;
    options.input_size = input_size;
    return ntkc::show(text, found->second, options, file);
  });

  nb::class_<Fitted>(m, "Model")
      .def_prop_ro("outputs", [](const Fitted& f) { return f.model.dual_coefficients.columns(); })
      .def_prop_ro("kernel", [](const Fitted& f) { return f.kernel; })
      .def_prop_ro("kind", [](const Fitted& f) { return std::string(ntkc::name(f.model.kernel)); })
      .def_prop_ro("ridge", [](const Fitted& f) { return f.model.solve.ridge; })
      .def_prop_ro("rank", [](const Fitted& f) { return f.model.solve.rank; })
      .def_prop_ro("reciprocal_condition", [](const Fitted& f) { return f.model.solve.reciprocal_condition; })
      .def_prop_ro("relative_residual", [](const Fitted& f) { return f.model.solve.relative_residual; })
      .def(
          "predict",
          [](const Fitted& f, const Rows& x, const Result<double>& result, int threads,
             const nb::object& progress) {
            const ntkc::Matrix values = computed(threads, progress, [&](const ntkc::Execution& execution) {
              return ntkc::predict(f.model, f.kernel, view(x), execution);
            });
            std::copy_n(values.data(), values.rows() * values.columns(), result.data());
          },
          "x"_a, "result"_a, "threads"_a, "progress"_a.none())
      .def(
          "deviation",
          [](const Fitted& f, const Rows& x,
             const nb::ndarray<double, nb::ndim<1>, nb::c_contig, nb::device::cpu>& result, int threads,
             const nb::object& progress) {
            const std::vector<double> values =
                computed(threads, progress, [&](const ntkc::Execution& execution) {
                  if (f.kernel.has(ntkc::KernelKind::sigma) && f.kernel.has(f.model.kernel))
                    return ntkc::predictive_deviation(f.model, f.kernel, view(x), execution);
                  ntkc::CompileOptions options = ntkc::options_of(f.model);
                  options.sigma = true;
                  return ntkc::predictive_deviation(
                      f.model, ntkc::compile(f.model.network.text, options, f.model.network.file), view(x),
                      execution);
                });
            std::copy(values.begin(), values.end(), result.data());
          },
          "x"_a, "result"_a, "threads"_a, "progress"_a.none())
      .def("save", [](const Fitted& f, const std::string& path) {
        ntkc::OutputFile out(path);
        ntkc::write_model(out, f.model);
        out.commit();
      });

  m.def(
      "fit",
      [](const ntkc::Kernel& kernel, const std::string& kind, const Rows& x, const Rows& targets,
         const std::vector<double>& ridges, const std::string& criterion, bool is_relative, bool center,
         int threads, const nb::object& progress) {
        ntkc::FitOptions options;
        options.kernel = kind_of(kind);
        if (ridges.size() == 1)
          options.ridge = {ridges[0], is_relative};
        else
          options.ridge_search = {ridges, is_relative, criterion_of(criterion)};
        options.center = center;
        options.task = ntkc::Task::regression;
        ntkc::Model model = computed(threads, progress, [&](const ntkc::Execution& execution) {
          return ntkc::fit(kernel, view(x), view(targets), options, execution);
        });
        return Fitted{std::move(model), kernel};
      },
      "kernel"_a, "kind"_a, "x"_a, "targets"_a, "ridges"_a, "criterion"_a, "is_relative"_a, "center"_a,
      "threads"_a, "progress"_a.none());

  m.def("usual_ridges", [] { return ntkc::RidgeSearch::usual().values; });

  m.def("load", [](const std::string& path) {
    auto model = std::make_unique<ntkc::Model>(ntkc::read_model(path));
    ntkc::Kernel kernel = ntkc::compile_model(*model);
    return Fitted{std::move(*model), std::move(kernel)};
  });
}
