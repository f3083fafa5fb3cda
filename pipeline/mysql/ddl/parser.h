#pragma once
// DDL text, as it stands in a log, to what it defines. Knows the statements of MySQL 5.7 to 9.x and
// MariaDB 10.x to 11.x that make, change, rename or drop tables; all others are NothingTracked.
// What it cannot read is an Error: the tables that such a statement names are not known any more
// (scan_statement in ddl.h names them).

#include <string_view>

#include "emulator/base/result.h"
#include "pipeline/mysql/ddl/definition.h"
#include "pipeline/mysql/ddl/tokens.h"

namespace pipeline::mysql::ddl {

// `sql` in UTF-8. Unqualified names belong to default_schema.
emulator::base::Result<Definition> parse(std::string_view sql, std::string_view default_schema,
                                         const Dialect& dialect);

}  // namespace pipeline::mysql::ddl
