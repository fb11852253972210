#include "compiler/jit/jit.hpp"

#include <fmt/format.h>
#include <llvm/ADT/StringMap.h>
#include <llvm/Analysis/CGSCCPassManager.h>
#include <llvm/Analysis/LoopAnalysisManager.h>
#include <llvm/Config/llvm-config.h>
#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/TargetParser/Host.h>

#include <mutex>
#include <stdexcept>

#include "compiler/codegen/emit.hpp"
#include "compiler/codegen/exchange.hpp"
#include "compiler/jit/split_blocks.hpp"

namespace ntkc::jit {
namespace {

template <typename T>
T expect(llvm::Expected<T> value) {
  if (!value) throw std::runtime_error("LLVM: " + llvm::toString(value.takeError()));
  return std::move(*value);
}

void expect(llvm::Error error) {
  if (error) throw std::runtime_error("LLVM: " + llvm::toString(std::move(error)));
}

void initialize_target() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
  });
}

llvm::orc::JITTargetMachineBuilder target_machine_builder(const Host& machine, llvm::CodeGenOptLevel level) {
  initialize_target();
  llvm::orc::JITTargetMachineBuilder builder{llvm::Triple(llvm::sys::getProcessTriple())};
  builder.setCPU(machine.cpu);
  builder.addFeatures({machine.features});
  builder.setCodeGenOptLevel(level);
  return builder;
}

/// In f32 what may cancel is computed in f64, and what has to be put in the order of the inputs is.
bool is_wide(const kernel_ir::Program& program, const JitOptions& options) {
  if (!options.f32) return false;
  return codegen::needs_wide_pairs(program) ||
         (program.input_positions.empty() && !codegen::is_symmetric(program));
}

codegen::Target target_of(const kernel_ir::Program& program, const JitOptions& options, const Host& machine) {
  const bool wide = is_wide(program, options);
  const bool single = options.f32 && !wide;
  // Of values with positions there are arrays, which should stay in the caches: one register of each.
  const int lanes = default_lanes(single, machine) / (program.input_positions.empty() ? 1 : 4);
  return {.lanes = options.lanes > 0 ? options.lanes : lanes,
          .f32 = options.f32,
          .wide = wide,
          .cpu = machine.cpu,
          .features = machine.features,
          .register_bits = machine.register_bits,
          .in_slices = options.in_slices};
}

/// What the emitted code leaves to do. It is vectors already, shared by hash-consing and in SSA form: LLVM's
/// O2 makes it no faster and takes half as long again to compile (measured on relu, erf, gelu and sin
/// networks of depth 1 to 20).
constexpr const char* optimizations =
    "function("
    "instcombine,"  // selects and comparisons into the target's minimum and maximum
    "adce,"         // carried values that this root does not need
    "loop-simplify,lcssa,"
    "loop-mssa(licm)"  // a row's table entries are loaded once a row
    ")";

void optimize(llvm::Module& module, llvm::TargetMachine& machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager sccs;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(sccs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, sccs, modules);
  llvm::ModulePassManager pipeline;
  expect(builder.parsePassPipeline(pipeline, optimizations));
  pipeline.run(module, modules);
}

struct Optimized {
  codegen::EmittedModule emitted;
  std::unique_ptr<llvm::TargetMachine> machine;
  llvm::CodeGenOptLevel level = llvm::CodeGenOptLevel::Default;
};

/// Of more instructions than this, code is made by the fast register allocator, in linear time: LLVM's usual one
/// takes time quadratic in the number of values that are alive together. The code of such large kernels is then
/// slower by a sixth (measured on sums of kinks at 10 and 15 thresholds).
constexpr unsigned most_allocated_well = 10'000;

Optimized emit_optimized(const kernel_ir::Program& program, const JitOptions& options) {
  const Host machine = machine_for(options);
  Optimized result{.emitted = codegen::emit(program, target_of(program, options, machine)),
                   .machine = nullptr};
  const bool has_positions = !program.input_positions.empty();  // whose code is many short loops
  if (!has_positions && result.emitted.module->getInstructionCount() > most_allocated_well)
    result.level = llvm::CodeGenOptLevel::None;
  auto builder = target_machine_builder(machine, result.level);
  result.machine = expect(builder.createTargetMachine());
  result.emitted.module->setDataLayout(result.machine->createDataLayout());
  result.emitted.module->setTargetTriple(result.machine->getTargetTriple().str());
  optimize(*result.emitted.module, *result.machine);
  split_long_blocks(*result.emitted.module);
  return result;
}

/// A JIT that resolves nothing from the process: kernels call nothing.
std::unique_ptr<llvm::orc::LLJIT> create_jit(const Host& machine, llvm::CodeGenOptLevel level) {
  return expect(llvm::orc::LLJITBuilder()
                    .setJITTargetMachineBuilder(target_machine_builder(machine, level))
                    .setLinkProcessSymbolsByDefault(false)
                    .setPlatformSetUp(llvm::orc::setUpInactivePlatform)
                    .create());
}

}  // namespace

const Host& host() {
  static const Host machine = [] {
    Host result;
    result.cpu = llvm::sys::getHostCPUName().str();
    const llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
    const auto has = [&](const char* name) { return features.lookup(name); };
    for (const auto& feature : features) {
      if (!result.features.empty()) result.features += ',';
      result.features += (feature.second ? '+' : '-') + feature.first().str();
    }
    if (has("avx2") && has("fma")) result.register_bits = 256;
    if (has("avx512f") && has("avx512dq") && has("avx512vl")) result.register_bits = 512;
    return result;
  }();
  return machine;
}

Host machine_for(const JitOptions& options) {
  if (options.register_bits == 0 || options.register_bits == host().register_bits) return host();
  if (options.register_bits > host().register_bits) {
    throw std::invalid_argument(fmt::format("this processor has no {}-bit vectors", options.register_bits));
  }
  if (options.register_bits == 256) return {"x86-64-v3", "", 256};
  if (options.register_bits == 128) return {"x86-64", "", 128};
  throw std::invalid_argument(
      fmt::format("vector registers have 128, 256 or 512 bits, not {}", options.register_bits));
}

std::string describe(const Host& machine) {
  std::string used;
  for (const char* name : {"sse4.2", "avx2", "fma", "avx512f", "avx512dq", "avx512vl"}) {
    if (machine.features.find(std::string("+") + name) != std::string::npos) used += std::string(" ") + name;
  }
  return fmt::format("x86-64 ({}) with{}, {}-bit vectors", machine.cpu, used, machine.register_bits);
}

int default_lanes(bool f32, const Host& machine) { return 4 * machine.register_bits / (f32 ? 32 : 64); }

KernelFunctions compile(const kernel_ir::Program& program, const JitOptions& options) {
  Optimized optimized = emit_optimized(program, options);
  std::shared_ptr<llvm::orc::LLJIT> jit = create_jit(machine_for(options), optimized.level);
  expect(jit->addIRModule(llvm::orc::ThreadSafeModule(std::move(optimized.emitted.module),
                                                      std::move(optimized.emitted.context))));
  const auto look_up = [&](const std::string& name) { return expect(jit->lookup(name)); };
  KernelFunctions result;
  result.precision = options.f32 ? Precision::f32 : Precision::f64;
  result.wide_tables = is_wide(program, options);
  result.slots = optimized.emitted.slots;
  result.remainder_slot = optimized.emitted.remainder_slot;
  if (!program.input_positions.empty())
    result.positions = {kernel_ir::position_count(program.input_positions), program.input_size,
                        target_of(program, options, machine_for(options)).lanes,
                        optimized.emitted.scratch_bytes, optimized.emitted.rows_by_lane};
  result.sample = look_up(optimized.emitted.sample_symbol).toPtr<SampleFunction>();
  for (const codegen::EmittedKernel& kernel : optimized.emitted.kernels) {
    const bool is_kernel = kernel.name.starts_with("Sigma") || kernel.name.starts_with("Theta");
    KernelStack stack{kernel.name, {}, look_up(kernel.symbol).toPtr<PairFunction>(), is_kernel};
    for (std::int64_t plane = 1; plane <= kernel.planes; ++plane)
      stack.planes.push_back(std::to_string(plane));
    result.kernels.push_back(std::move(stack));
  }
  result.code = std::shared_ptr<const void>(jit, jit.get());
  return result;
}

std::string llvm_text(const kernel_ir::Program& program, const JitOptions& options) {
  const Optimized optimized = emit_optimized(program, options);
  std::string text;
  llvm::raw_string_ostream stream(text);
  optimized.emitted.module->print(stream, nullptr);
  return text;
}

std::string assembly_text(const kernel_ir::Program& program, const JitOptions& options) {
  const Optimized optimized = emit_optimized(program, options);
  llvm::SmallString<0> text;
  llvm::raw_svector_ostream stream(text);
  llvm::legacy::PassManager passes;
  if (optimized.machine->addPassesToEmitFile(passes, stream, nullptr, llvm::CodeGenFileType::AssemblyFile)) {
    throw std::runtime_error("LLVM: this target cannot print assembly");
  }
  passes.run(*optimized.emitted.module);
  return std::string(text);
}

std::string llvm_version() { return LLVM_VERSION_STRING; }

}  // namespace ntkc::jit
