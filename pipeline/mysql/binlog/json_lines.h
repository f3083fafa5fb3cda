#pragma once
// What `sluice binlog` prints of a transaction: a line a row change, a line a DDL statement.
// "pos" is where the transaction starts in its file: with "file" it is a position to resume from. "ts" is the commit time in UTC.

#include <string>

#include "emulator/base/result.h"
#include "pipeline/mysql/change_source.h"

namespace pipeline::mysql::binlog {

emulator::base::Result<void> append_json_lines(std::string& out, const Transaction& transaction);
// The same for people: a line for the transaction, an indented one for each change.
emulator::base::Result<void> append_text_lines(std::string& out, const Transaction& transaction);

std::string_view operation_name(Operation operation);  // "insert"

}  // namespace pipeline::mysql::binlog
