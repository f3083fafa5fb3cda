#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "emulator/base/text.h"
#include "pipeline/commands/command.h"
#include "pipeline/glue/merge/csv_merge.h"

namespace pipeline::commands {
namespace {

namespace base = emulator::base;

struct MergeOptions {
  std::vector<std::size_t> key = {1};  // from 1, as people count columns
  glue::merge::MergeFilesInput input;
  std::string delimiter = ",";
  bool quiet = false;
};

int merge(MergeOptions& options) {
  options.input.options.key_columns.clear();
  for (const std::size_t column : options.key)
    options.input.options.key_columns.push_back(column - 1);
  if (options.delimiter == "\\t") options.delimiter = "\t";
  if (options.delimiter.size() != 1) {
    std::fprintf(stderr, "sluice: --delimiter is one character\n");
    return exit_usage;
  }
  options.input.options.delimiter = options.delimiter.front();
  const auto done = glue::merge::merge_files(options.input);
  if (!done) {
    std::fprintf(stderr, "sluice: %s\n", done.error().text().c_str());
    return exit_usage;
  }
  if (!options.quiet) {
    std::fprintf(stderr, "%s changes on %s rows: %s replaced, %s deleted, %s inserted; %s rows\n",
                 base::with_thousands(done->changes.rows).c_str(),
                 base::with_thousands(done->rows.base_rows).c_str(),
                 base::with_thousands(done->rows.replaced).c_str(),
                 base::with_thousands(done->rows.deleted).c_str(),
                 base::with_thousands(done->rows.inserted).c_str(),
                 base::with_thousands(done->rows.output_rows()).c_str());
  }
  return exit_ok;
}

}  // namespace

std::function<int()> declare_merge(CLI::App& command) {
  auto options =
      std::make_shared<MergeOptions>();  // shared: CLI11 writes into it, the action reads it
  options->input.threads = static_cast<std::size_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  command.add_option("BASE", options->input.base, "The rows so far")
      ->required()
      ->type_name("BASE.csv");
  command
      .add_option("CHANGES", options->input.changes,
                  "Change files as DMS writes them (I, U or D first), oldest first")
      ->required()
      ->type_name("CHANGES.csv");
  command.add_option("--key", options->key, "Columns of the primary key in BASE, from 1")
      ->delimiter(',')
      ->type_name("N[,N]")
      ->check(CLI::Range(1, 4096));
  command.add_option("--out", options->input.out, "Where to write; else standard output")
      ->type_name("FILE");
  command.add_option("--delimiter", options->delimiter, "Between fields")->type_name("C");
  command.add_option("--threads", options->input.threads, "Workers")
      ->type_name("N")
      ->check(CLI::Range(1, 256));
  command.add_flag("--header", options->input.options.has_header,
                   "The first line of each file has the column names");
  command.add_flag("--sequence", options->input.options.has_sequence,
                   "Change rows end in AR_H_CHANGE_SEQ");
  command.add_flag("--quiet", options->quiet, "Print no counts");
  return [options] { return merge(*options); };
}

}  // namespace pipeline::commands
