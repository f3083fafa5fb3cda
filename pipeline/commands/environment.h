#pragma once
// The process's environment, for those who get it as a parameter.

#include <optional>
#include <string>

namespace pipeline::commands {

std::optional<std::string> environment_variable(const std::string& name);

}  // namespace pipeline::commands
