#include <fmt/format.h>

#include <array>

#include "pipeline/glue/native/script.h"

namespace pipeline::glue {
namespace native {
namespace {

using emulator::base::fail;
using emulator::base::Result;

constexpr std::array scripts{
    Script{"tutorial", begin_tutorial},
    Script{"merge", begin_merge},
};

class NativeEngine final : public Engine {
 public:
  Result<std::unique_ptr<Work>> begin(Context& context) override {
    for (const Script& script : scripts)
      if (script.name == context.job.script) return script.begin(context);
    return fail(fmt::format("the native engine has no script \"{}\"", context.job.script),
                "it has tutorial and merge");
  }
};

}  // namespace

Result<std::string> required_argument(const Arguments& arguments, std::string_view name) {
  auto found = arguments.find(std::string(name));
  if (found != arguments.end()) return found->second;
  return fail(fmt::format("GlueArgumentError: the following arguments are required: {}", name));
}

Result<void> crash_point(Engine::Context& context, std::string_view point, std::string_view label) {
  if (!context.faults.crash_here(point, label)) return {};
  return fail(fmt::format("the job died at {} ({})", point, label));
}

}  // namespace native

std::unique_ptr<Engine> native_engine() { return std::make_unique<native::NativeEngine>(); }

}  // namespace pipeline::glue
