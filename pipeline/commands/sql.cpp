#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "emulator/base/json_document.h"
#include "emulator/base/result.h"
#include "emulator/base/text.h"
#include "emulator/http/client.h"
#include "pipeline/commands/command.h"
#include "pipeline/commands/result_text.h"
#include "pipeline/commands/statement_reader.h"

namespace pipeline::commands {
namespace {

namespace base = emulator::base;
namespace http = emulator::http;
using Json = nlohmann::json;

struct SqlOptions {
  std::uint16_t port = 4566;
  std::optional<std::string> database;
  bool json = false;
  std::optional<std::string> statement;
};

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t number_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

// What is not of the shape that `serve` answers with comes out empty.
ResultText read_result(const Json& json) {
  ResultText result;
  if (!json.is_object()) return result;
  result.affected_rows = static_cast<std::uint64_t>(number_of(json, "affected_rows"));
  result.info = text_of(json, "info");
  for (const Json& column : json.value("columns", Json::array()))
    result.columns.push_back(column.is_string() ? column.get<std::string>() : "");
  for (const Json& json_row : json.value("rows", Json::array())) {
    auto& row = result.rows.emplace_back();
    for (const Json& value : json_row)
      row.push_back(value.is_string() ? std::optional(value.get<std::string>()) : std::nullopt);
    row.resize(result.columns.size());
  }
  return result;
}

class SqlCommand {
 public:
  explicit SqlCommand(const SqlOptions& options) : options_(options) {}

  int run() {
    if (options_.statement) return execute(*options_.statement);
    return ::isatty(STDIN_FILENO) ? converse() : read_script();
  }

 private:
  // At a prompt an error does not end the conversation; in a script it does.
  int converse() {
    StatementReader reader;
    std::string line;
    while (true) {
      std::fputs(reader.is_between_statements() ? "sluice> " : "     -> ", stdout);
      std::fflush(stdout);
      if (!std::getline(std::cin, line)) break;
      if (reader.is_between_statements() && (line == "exit" || line == "quit")) return exit_ok;
      reader.add_line(line);
      while (const auto statement = reader.next()) {
        if (execute(*statement) == exit_environment) return exit_environment;
      }
    }
    std::fputs("\n", stdout);
    return exit_ok;
  }

  int read_script() {
    StatementReader reader;
    std::string line;
    while (std::getline(std::cin, line)) {
      reader.add_line(line);
      while (const auto statement = reader.next()) {
        if (const int code = execute(*statement); code != exit_ok) return code;
      }
    }
    const auto last = reader.rest();
    return last ? execute(*last) : exit_ok;
  }

  int execute(const std::string& statement) {
    const std::string target =
        "/_sluice/sql" + (options_.database
                              ? "?database=" + base::percent_encode(*options_.database)
                              : std::string());
    const auto answer = http::exchange(
        {.port = options_.port, .method = "POST", .target = target, .body = statement});
    if (!answer) return no_server(answer.error().message);
    return show(*answer);
  }

  int no_server(const std::string& reason) const {
    std::fprintf(stderr,
                 "sluice: %s\nIs `sluice serve` running? Start it with: sluice serve --port %d "
                 "--stack FILE\n",
                 reason.c_str(), static_cast<int>(options_.port));
    return exit_environment;
  }

  int show(const http::Answer& answer) const {
    const Json json = base::read_json(answer.body);
    if (!json.is_object() || !(json.contains("results") || json.contains("error"))) {
      return no_server(fmt::format("what answers on port {} is no sluice", options_.port));
    }
    if (options_.json) std::fprintf(stdout, "%s\n", answer.body.c_str());
    if (const auto error = json.find("error"); error != json.end()) return show_error(*error);
    if (!options_.json) show_results(json.at("results"));
    std::fflush(stdout);
    return exit_ok;
  }

  int show_error(const Json& error) const {
    std::fflush(stdout);
    std::fprintf(stderr, "ERROR %d (%s): %s\n", static_cast<int>(number_of(error, "code")),
                 text_of(error, "sqlstate").c_str(), text_of(error, "message").c_str());
    return exit_failed;
  }

  static void show_results(const Json& results) {
    const bool terminal = ::isatty(STDOUT_FILENO) != 0;
    for (const Json& json : results) {
      const ResultText result = read_result(json);
      const std::string text = terminal ? as_table(result) : as_tabs(result);
      std::fwrite(text.data(), 1, text.size(), stdout);
    }
  }

  const SqlOptions& options_;
};

}  // namespace

std::function<int()> declare_sql(CLI::App& command) {
  auto options =
      std::make_shared<SqlOptions>();  // shared: CLI11 writes into it, the action reads it
  command.add_option("--port", options->port, "HTTP port of the server")
      ->capture_default_str()
      ->type_name("N");
  command.add_option("--database", options->database, "Default database, instead of the stack's")
      ->type_name("NAME");
  command.add_flag("--json", options->json, "Print the server's answer as JSON");
  command
      .add_option("STATEMENT", options->statement,
                  "One or more statements; without any they are read from standard input")
      ->type_name("STATEMENT");
  return [options] { return SqlCommand(*options).run(); };
}

}  // namespace pipeline::commands
