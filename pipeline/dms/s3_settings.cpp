#include "pipeline/dms/s3_settings.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <vector>

#include "emulator/base/text.h"

namespace pipeline::dms {
namespace {

namespace base = emulator::base;
using base::Result;

using Parse = Result<void> (*)(S3Settings& settings, std::string_view name, std::string_view value);

std::optional<bool> parse_flag(std::string_view value) {
  const std::string lower = base::to_lower(value);
  if (lower == "true" || lower == "y")
    return true;  // extra connection attributes also write y and n
  if (lower == "false" || lower == "n") return false;
  return std::nullopt;
}

template <bool S3Settings::*member>
Result<void> flag(S3Settings& settings, std::string_view name, std::string_view value) {
  const std::optional<bool> parsed = parse_flag(value);
  if (!parsed) return base::fail(fmt::format("{} must be true or false, not \"{}\"", name, value));
  settings.*member = *parsed;
  return {};
}

template <std::int64_t S3Settings::*member, std::int64_t low, std::int64_t high>
Result<void> number(S3Settings& settings, std::string_view name, std::string_view value) {
  const std::optional<std::int64_t> parsed = base::parse_integer(value);
  if (!parsed || *parsed < low || *parsed > high) {
    return base::fail(
        fmt::format("{} must be a whole number from {} to {}, not \"{}\"", name, low, high, value));
  }
  settings.*member = *parsed;
  return {};
}

template <std::string S3Settings::*member>
Result<void> text(S3Settings& settings, std::string_view, std::string_view value) {
  settings.*member = std::string(value);
  return {};
}

Result<void> folder(S3Settings& settings, std::string_view name, std::string_view value) {
  if (!value.empty() && (value.front() == '/' || value.back() == '/')) {
    return base::fail(fmt::format("{} must not begin or end with a slash: \"{}\"", name, value));
  }
  settings.bucket_folder = std::string(value);
  return {};
}

// A character, or what AWS's examples write for one: \t and \xHH.
Result<void> delimiter(S3Settings& settings, std::string_view name, std::string_view value) {
  std::optional<char> parsed;
  if (value.size() == 1) parsed = value[0];
  if (value == "\\t") parsed = '\t';
  if (value.size() == 4 && value.substr(0, 2) == "\\x") {
    const std::optional<std::string> byte = base::from_hex(value.substr(2));
    if (byte) parsed = (*byte)[0];
  }
  const bool usable = parsed && *parsed != '"' && *parsed != '\n' && *parsed != '\r' &&
                      *parsed != '\0' && static_cast<unsigned char>(*parsed) < 0x80;
  if (!usable) {
    return base::fail(fmt::format(
        "{} must be one ASCII character, \\t or \\xHH, and no quote or line end, not \"{}\"", name,
        value));
  }
  settings.csv_delimiter = *parsed;
  return {};
}

// A row of the table. parse == nullptr: a setting of AWS DMS that is not built; only its default is
// accepted.
struct Setting {
  std::string_view name;
  std::string_view default_text;
  Parse parse;
  std::string_view what;
};

constexpr std::int64_t kilobytes_max = 1048576;
constexpr std::int64_t number_max = INT64_C(2147483647);

constexpr std::array built_settings{
    Setting{"BucketName", "", text<&S3Settings::bucket_name>, "bucket that the files go to"},
    Setting{"BucketFolder", "", folder, "folder before schema and table; no slash at either end"},
    Setting{"CsvDelimiter", ",", delimiter, "character between columns; also \\t or \\xHH"},
    Setting{"CsvNullValue", "", text<&S3Settings::csv_null_value>,
            "text of a NULL; AWS documents NULL, real files show an empty field"},
    Setting{"IncludeOpForFullLoad", "false", flag<&S3Settings::include_op_for_full_load>,
            "LOAD files carry the Op column too, always I"},
    Setting{"AddColumnName", "false", flag<&S3Settings::add_column_name>,
            "every file begins with the column names"},
    Setting{"CdcInsertsOnly", "false", flag<&S3Settings::cdc_inserts_only>,
            "change files carry inserts only, and Op only with IncludeOpForFullLoad"},
    Setting{"TimestampColumnName", "", text<&S3Settings::timestamp_column_name>,
            "adds a column of this name: load time in LOAD files, commit time in change files"},
    Setting{"CdcMaxBatchInterval", "60",
            number<&S3Settings::cdc_max_batch_interval_s, 0, number_max>,
            "seconds from the first change of a table to its file"},
    Setting{"CdcMinFileSize", "32000", number<&S3Settings::cdc_min_file_size_kb, 1, number_max>,
            "size in KB at which a change file is closed before the interval ends"},
    Setting{"MaxFileSize", "1048576", number<&S3Settings::max_file_size_kb, 1, kilobytes_max>,
            "largest LOAD file in KB; the next rows go to a further one"},
    Setting{"SluiceChangeSeq", "false", flag<&S3Settings::sluice_change_seq>,
            "last column AR_H_CHANGE_SEQ, as a transformation rule adds it on AWS; empty in LOAD "
            "files"},
    Setting{"SluiceCommitMicros", "false", flag<&S3Settings::sluice_commit_micros>,
            "commit times with microseconds where the binlog has them, else whole seconds"},
    Setting{"SluiceFileTimeJitter", "false", flag<&S3Settings::sluice_file_time_jitter>,
            "change files close 1 to 57 ms after the interval (seeded) instead of always 3 ms"},
};

constexpr std::array other_settings{
    Setting{"ServiceAccessRoleArn", "", nullptr, ""},
    Setting{"ExternalTableDefinition", "", nullptr, ""},
    Setting{"CsvRowDelimiter", "\n", nullptr, ""},
    Setting{"CompressionType", "none", nullptr, ""},
    Setting{"EncryptionMode", "sse-s3", nullptr, ""},
    Setting{"ServerSideEncryptionKmsKeyId", "", nullptr, ""},
    Setting{"DataFormat", "csv", nullptr, ""},
    Setting{"EncodingType", "rle-dictionary", nullptr, ""},
    Setting{"DictPageSizeLimit", "1048576", nullptr, ""},
    Setting{"RowGroupLength", "10000", nullptr, ""},
    Setting{"DataPageSize", "1048576", nullptr, ""},
    Setting{"ParquetVersion", "parquet-1-0", nullptr, ""},
    Setting{"EnableStatistics", "true", nullptr, ""},
    Setting{"CdcInsertsAndUpdates", "false", nullptr, ""},
    Setting{"ParquetTimestampInMillisecond", "false", nullptr, ""},
    Setting{"DatePartitionEnabled", "false", nullptr, ""},
    Setting{"DatePartitionSequence", "YYYYMMDD", nullptr, ""},
    Setting{"DatePartitionDelimiter", "SLASH", nullptr, ""},
    Setting{"DatePartitionTimezone", "UTC", nullptr, ""},
    Setting{"UseCsvNoSupValue", "false", nullptr, ""},
    Setting{"CsvNoSupValue", "", nullptr, ""},
    Setting{"PreserveTransactions", "false", nullptr, ""},
    Setting{"CdcPath", "", nullptr, ""},
    Setting{"UseTaskStartTimeForFullLoadTimestamp", "false", nullptr, ""},
    Setting{"CannedAclForObjects", "none", nullptr, ""},
    Setting{"IgnoreHeaderRows", "0", nullptr, ""},
    Setting{"Rfc4180", "true", nullptr, ""},
    Setting{"AddTrailingPaddingCharacter", "false", nullptr, ""},
    Setting{"ExpectedBucketOwner", "", nullptr, ""},
    Setting{"GlueCatalogGeneration", "false", nullptr, ""},
};

// An IAM role is stored on AWS and looked at there; here any role works, so any value does.
constexpr std::string_view accepted_as_is = "ServiceAccessRoleArn";

bool is_default(const Setting& setting, std::string_view value) {
  if (value == setting.default_text) return true;
  const std::optional<bool> given = parse_flag(value);
  return given && given == parse_flag(setting.default_text);
}

std::optional<std::string> nearest_setting(std::string_view name) {
  std::vector<std::string> names;
  for (const Setting& setting : built_settings) names.emplace_back(setting.name);
  for (const Setting& setting : other_settings) names.emplace_back(setting.name);
  return base::nearest(name, names);
}

}  // namespace

Result<void> set(S3Settings& settings, std::string_view name, std::string_view value) {
  // Extra connection attributes write the same names in camelCase.
  for (const Setting& setting : built_settings) {
    if (base::equals_ignoring_case(setting.name, name))
      return setting.parse(settings, setting.name, value);
  }
  for (const Setting& setting : other_settings) {
    if (!base::equals_ignoring_case(setting.name, name)) continue;
    if (setting.name == accepted_as_is || is_default(setting, value)) return {};
    return base::fail(
        fmt::format("{} is a setting of AWS DMS that Sluice does not build yet", setting.name),
        fmt::format("leave it out, or give AWS's default \"{}\"",
                    setting.default_text == "\n" ? "\\n" : setting.default_text));
  }
  const std::optional<std::string> near = nearest_setting(name);
  return base::fail(fmt::format("unknown S3 setting {}", name),
                    near ? fmt::format("did you mean {}?", *near) : "");
}

std::span<const SettingRow> setting_rows() {
  static const std::vector<SettingRow> rows = [] {
    std::vector<SettingRow> all;
    for (const Setting& setting : built_settings)
      all.push_back({setting.name, setting.default_text, setting.what});
    return all;
  }();
  return rows;
}

}  // namespace pipeline::dms
