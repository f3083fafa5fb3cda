#pragma once
// A job script of the native engine. One file and one row of the table in native_engine.cpp each.

#include <memory>
#include <string>
#include <string_view>

#include "emulator/base/result.h"
#include "pipeline/glue/service.h"

namespace pipeline::glue::native {

struct Script {
  std::string_view name;
  emulator::base::Result<std::unique_ptr<Engine::Work>> (*begin)(Engine::Context& context);
};

emulator::base::Result<std::unique_ptr<Engine::Work>> begin_tutorial(Engine::Context& context);
emulator::base::Result<std::unique_ptr<Engine::Work>> begin_merge(Engine::Context& context);

// An argument that the script cannot do without, in getResolvedOptions' words.
emulator::base::Result<std::string> required_argument(const Arguments& arguments,
                                                      std::string_view name);

// The run dies here if a fault says so.
emulator::base::Result<void> crash_point(Engine::Context& context, std::string_view point,
                                         std::string_view label);

}  // namespace pipeline::glue::native
