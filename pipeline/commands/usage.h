#pragma once
// What a command line that makes no sense is answered: which word is wrong, what would be right,
// how to go on. For people at a terminal, so the nearest name is guessed.

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace pipeline::commands {

// Lines for standard error. `words` is the command line after the program's name.
std::string explain_usage(const CLI::App& app, const CLI::ParseError& error,
                          const std::vector<std::string>& words);

// A check for CLI11 of an option that takes one of these words.
std::function<std::string(const std::string&)> one_of(std::vector<std::string> words);

}  // namespace pipeline::commands
