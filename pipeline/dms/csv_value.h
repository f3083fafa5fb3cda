#pragma once
// The text that DMS writes for a MySQL value (dms.md section 3.1): MySQL's own text but for
// floating point, BIT, binary strings, geometry and zero dates. Pure; quoting is the row's business
// (csv_rows.h).

#include <cstdint>
#include <string>

#include "emulator/base/result.h"
#include "pipeline/mysql/schema.h"

namespace pipeline::dms {

// false: DMS writes NULL (a NULL, a value absent from the row image, a zero date). `out` is
// replaced.
emulator::base::Result<bool> value_text(const mysql::Column& column, const mysql::Cell& cell,
                                        std::string& out);

// MEDIUMTEXT, LONGTEXT, MEDIUMBLOB, LONGBLOB, JSON, geometry: cut at LobMaxSize.
bool is_lob(const mysql::Column& column);

// Cuts the text of a LOB to so many bytes of the value, between characters. true = something was
// cut.
bool cut_lob(const mysql::Column& column, std::uint64_t bytes_max, std::string& text);

}  // namespace pipeline::dms
