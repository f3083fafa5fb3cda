#pragma once
// S3Settings of a target endpoint (dms.md sections 1.6 and 2): one table of name, parser, default.
// A name that AWS knows and we do not build is refused by name; one that AWS does not know is
// refused with the nearest.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "emulator/base/result.h"

namespace pipeline::dms {

struct S3Settings {
  std::string bucket_name;
  std::string bucket_folder;
  char csv_delimiter = ',';
  std::string csv_null_value;  // "" = empty field, what real files show (dms.md 2.3)
  bool include_op_for_full_load = false;
  bool add_column_name = false;
  bool cdc_inserts_only = false;
  std::string timestamp_column_name;
  std::int64_t cdc_max_batch_interval_s = 60;
  std::int64_t cdc_min_file_size_kb = 32000;
  std::int64_t max_file_size_kb = 1048576;
  // Switches of Sluice where the documents are unsure (dms.md section 10), named with a leading
  // "Sluice".
  bool sluice_change_seq = false;  // append AR_H_CHANGE_SEQ as last column of change rows (a
                                   // transformation rule does it on AWS)
  bool sluice_commit_micros =
      false;  // commit times to the microsecond where the log has them, else whole seconds
  bool sluice_file_time_jitter =
      false;  // change files close 1 to 57 ms after their interval (seeded), else always 3 ms
};

// One setting by its AWS name ("CdcMaxBatchInterval"), value as text.
emulator::base::Result<void> set(S3Settings& settings, std::string_view name,
                                 std::string_view value);

struct SettingRow {
  std::string_view name;
  std::string_view default_text;
  std::string_view what;
};
std::span<const SettingRow> setting_rows();  // for `sluice list settings`

}  // namespace pipeline::dms
