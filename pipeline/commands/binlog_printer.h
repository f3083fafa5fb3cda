#pragma once
// Events of `sluice binlog`, from files or from a server, to what it prints. Its parts:
// binlog_files.cpp and binlog_server.cpp give the events, binlog.cpp has the options.

#include <optional>
#include <string>
#include <vector>

#include "pipeline/commands/binlog_from.h"
#include "pipeline/mysql/binlog/json_lines.h"
#include "pipeline/mysql/binlog/reader.h"
#include "pipeline/mysql/binlog/statistics.h"
#include "pipeline/mysql/binlog/transaction_assembler.h"
#include "pipeline/mysql/schema_file.h"

namespace pipeline::commands {

struct BinlogOptions {
  std::vector<std::string> sources;  // paths, "-", or one URL of a server
  bool json = false;
  bool stats = false;
  bool verify = false;
  bool follow = false;
  std::string from = {};
  std::vector<std::string> tables = {};
  std::vector<std::string> schemas = {};  // dumps with the tables as they were before the sources
};

class BinlogPrinter {
 public:
  BinlogPrinter(const BinlogOptions& options, std::optional<BinlogFrom> from);

  mysql::Result<void> seed(const std::string& dump) {
    return mysql::seed_from_file(assembler_.schema(), dump);
  }
  // Names, where the log has none and no dump was given: the tables as they were where reading
  // begins, or as they are now.
  void seed(mysql::SchemaTracker tables) { assembler_.schema() = std::move(tables); }
  void fall_back_on(mysql::SchemaTracker tables) {
    assembler_.schema().fall_back_on(std::move(tables));
  }
  // Whether this file comes before the one where --from begins: it need not be read.
  bool may_skip(const std::string& file) const;
  void begin_file(const std::string& file);
  // Whoever calls places the Error.
  mysql::Result<void> take(const mysql::binlog::Event& event,
                           const mysql::binlog::FormatDescriptionEvent& format);
  void flush();
  // What comes at the end: counts.
  mysql::Result<void> finish();

  bool inside_transaction() const { return assembler_.inside_transaction(); }
  // After the last transaction that was taken; without a file: none yet.
  const mysql::Position& committed_to() const { return committed_to_; }
  // The next event is the first one after it.
  void resume() { assembler_.forget_open_transaction(); }
  const std::optional<BinlogFrom>& from() const { return from_; }

 private:
  mysql::Result<void> check_position(const mysql::binlog::Event& event) const;
  bool is_after_from(const mysql::Transaction& transaction) const;
  mysql::Result<void> print();

  const BinlogOptions& options_;
  std::optional<BinlogFrom> from_;
  std::string file_;
  bool reached_file_ = false;  // where --from begins
  mysql::Position committed_to_{"", 0};
  mysql::binlog::TransactionAssembler assembler_;
  mysql::binlog::Statistics statistics_;
  mysql::binlog::Output out_;
  mysql::binlog::JsonLines json_{out_};
  mysql::binlog::TextLines text_{out_};
};

// Each returns the exit code.
int print_binlog_files(const BinlogOptions& options, BinlogPrinter& printer);
int print_server_binlog(const BinlogOptions& options, BinlogPrinter& printer);

// SIGINT and SIGTERM end following with exit code 0.
void end_at_signals();
bool asked_to_end();

void say_binlog_error(const emulator::base::Error& error);
void say_binlog_warning(const std::string& text);

}  // namespace pipeline::commands
