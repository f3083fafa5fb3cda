#include "pipeline/commands/usage.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "emulator/base/text.h"

namespace pipeline::commands {
namespace {

using emulator::base::nearest;

std::string guess(const std::string& word, const std::vector<std::string>& names) {
  const auto found = nearest(word, names);
  return found ? fmt::format("; did you mean {}?", *found) : "";
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

bool is_option(const std::string& word) { return word.size() > 1 && word.front() == '-'; }

std::string option_name(const std::string& word) { return word.substr(0, word.find('=')); }

// The first word that nothing on the command line could take; an option rather than the value that
// came after it.
std::string stray_word(const CLI::App& command) {
  const std::vector<std::string> strays = command.remaining();
  for (const std::string& word : strays) {
    if (is_option(word)) return option_name(word);
  }
  return strays.empty() ? "" : strays.front();
}

std::string explain_without_command(const CLI::App& app, const std::vector<std::string>& words) {
  const std::vector<std::string> names = commands_of(app);
  const std::string all = fmt::format("{}", fmt::join(names, ", "));
  if (words.empty()) return "which command? " + all;
  const std::string& word = words.front();
  if (is_option(word))
    return fmt::format("there is no option {}{}", option_name(word),
                       guess(option_name(word), options_of(app)));
  const std::string meant = guess(word, names);
  return fmt::format("there is no command {}{}", word,
                     meant.empty() ? "; the commands are " + all : meant);
}

// CLI11's own sentence, where it says what there is to say.
std::string explain_error(const CLI::App& command, const CLI::ParseError& error) {
  const std::string said = error.what();
  const std::string prefix = "Could not convert: ";
  if (!said.starts_with(prefix)) return said;
  const std::string pair = said.substr(prefix.size());  // --seed = x
  const std::size_t equals = pair.find(" = ");
  const CLI::Option* option = command.get_option_no_throw(pair.substr(0, equals));
  if (!option || equals == std::string::npos) return said;
  return fmt::format("{} takes {}, not '{}'", pair.substr(0, equals), option->get_type_name(),
                     pair.substr(equals + 3));
}

}  // namespace

std::string explain_usage(const CLI::App& app, const CLI::ParseError& error,
                          const std::vector<std::string>& words) {
  const std::vector<CLI::App*> chosen = app.get_subcommands();
  if (chosen.empty())
    return "sluice: " + explain_without_command(app, words) + "\nTry: sluice --help\n";
  const CLI::App& command = *chosen.front();
  const std::string stray = stray_word(command);
  std::string what = explain_error(command, error);
  if (is_option(stray)) {
    what = fmt::format("there is no option {}{}", stray, guess(stray, options_of(command)));
  } else if (!stray.empty()) {
    what = fmt::format("'{}' is one word too many", stray);
  }
  return fmt::format("sluice {}: {}\nTry: sluice {} --help\n", command.get_name(), what,
                     command.get_name());
}

std::function<std::string(const std::string&)> one_of(std::vector<std::string> words) {
  return [words = std::move(words)](const std::string& word) {
    if (std::find(words.begin(), words.end(), word) != words.end()) return std::string();
    return fmt::format("'{}' is none of {}{}", word, fmt::join(words, ", "), guess(word, words));
  };
}

}  // namespace pipeline::commands
