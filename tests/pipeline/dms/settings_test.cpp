#include <gtest/gtest.h>

#include <string>

#include "pipeline/dms/s3_settings.h"
#include "pipeline/dms/task_settings.h"

namespace pipeline::dms {
namespace {

std::string error_of(std::string_view name, std::string_view value) {
  S3Settings settings;
  const auto done = set(settings, name, value);
  return done ? "" : done.error().text();
}

TEST(S3Settings, TakeEachBuiltSettingByItsName) {
  S3Settings settings;
  const std::pair<std::string_view, std::string_view> given[] = {{"BucketName", "cdc"},
                                                                 {"BucketFolder", "a/b"},
                                                                 {"CsvDelimiter", "\\t"},
                                                                 {"CsvNullValue", "NULL"},
                                                                 {"IncludeOpForFullLoad", "true"},
                                                                 {"AddColumnName", "y"},
                                                                 {"CdcInsertsOnly", "True"},
                                                                 {"TimestampColumnName", "ts"},
                                                                 {"CdcMaxBatchInterval", "5"},
                                                                 {"CdcMinFileSize", "1"},
                                                                 {"MaxFileSize", "2"},
                                                                 {"SluiceChangeSeq", "true"},
                                                                 {"SluiceCommitMicros", "true"},
                                                                 {"SluiceFileTimeJitter", "true"}};
  for (const auto& [name, value] : given)
    EXPECT_TRUE(set(settings, name, value).has_value()) << name;
  EXPECT_EQ(setting_rows().size(), std::size(given));
  EXPECT_EQ(settings.csv_delimiter, '\t');
  EXPECT_TRUE(settings.add_column_name);
  EXPECT_TRUE(settings.cdc_inserts_only);
  EXPECT_EQ(settings.cdc_max_batch_interval_s, 5);
  EXPECT_EQ(settings.max_file_size_kb, 2);
}

TEST(S3Settings, DefaultsAreThoseOfTheTable) {
  for (const SettingRow& row : setting_rows())
    EXPECT_EQ(error_of(row.name, row.default_text), "") << row.name;
}

TEST(S3Settings, TakeTheNamesOfExtraConnectionAttributes) {
  S3Settings settings;
  ASSERT_TRUE(set(settings, "csvDelimiter", "\\x01").has_value());
  EXPECT_EQ(settings.csv_delimiter, '\x01');
}

TEST(S3Settings, RefuseWhatIsNotBuiltByName) {
  EXPECT_EQ(error_of("CompressionType", "gzip"),
            "CompressionType is a setting of AWS DMS that Sluice does not build yet (leave it out, "
            "or give AWS's default \"none\")");
  EXPECT_EQ(error_of("CompressionType", "none"), "");
  EXPECT_EQ(error_of("Rfc4180", "y"), "");
  EXPECT_NE(error_of("DataFormat", "parquet"), "");
  EXPECT_EQ(error_of("ServiceAccessRoleArn", "arn:aws:iam::000000000000:role/dms"), "");
}

TEST(S3Settings, NameTheNearestOfAnUnknownOne) {
  EXPECT_EQ(error_of("CdcMaxBatchIntervall", "5"),
            "unknown S3 setting CdcMaxBatchIntervall (did you mean CdcMaxBatchInterval?)");
}

TEST(S3Settings, RefuseBadValues) {
  EXPECT_NE(error_of("CdcMaxBatchInterval", "soon"), "");
  EXPECT_NE(error_of("CdcMaxBatchInterval", "-1"), "");
  EXPECT_NE(error_of("MaxFileSize", "1048577"), "");
  EXPECT_NE(error_of("AddColumnName", "maybe"), "");
  EXPECT_NE(error_of("CsvDelimiter", "ab"), "");
  EXPECT_NE(error_of("CsvDelimiter", "\""), "");
  EXPECT_NE(error_of("CsvDelimiter", ""), "");
  EXPECT_NE(error_of("CsvDelimiter", "\xC3"), "");
  EXPECT_NE(error_of("BucketFolder", "/a"), "");
}

TEST(TaskSettings, MergeOverTheDefaults) {
  const auto document =
      parse_task_settings(R"({"FullLoadSettings":{"TargetTablePrepMode":"DO_NOTHING"}})");
  ASSERT_TRUE(document.has_value()) << document.error().message;
  EXPECT_EQ(document->settings.prep_mode, TargetTablePrepMode::do_nothing);
  EXPECT_EQ(document->settings.recoverable_error_count, -1);
  EXPECT_NE(document->json.find(R"("TargetTablePrepMode":"DO_NOTHING")"), std::string::npos);
  EXPECT_NE(document->json.find(R"("CommitRate":10000)"), std::string::npos);
}

TEST(TaskSettings, TakeBackTheDocumentThatTheyGive) {
  const auto defaults = parse_task_settings("");
  ASSERT_TRUE(defaults.has_value());
  const auto again = parse_task_settings(defaults->json);
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(again->json, defaults->json);
}

TEST(TaskSettings, RefuseUnknownAndUnbuiltOnesByName) {
  const auto message = [](std::string_view json) {
    const auto parsed = parse_task_settings(json);
    return parsed ? "" : parsed.error().text();
  };
  EXPECT_NE(message(R"({"FullLoadSettings":{"TargetTablePrepMod":"DO_NOTHING"}})")
                .find("did you mean TargetTablePrepMode?"),
            std::string::npos);
  EXPECT_NE(message(R"({"FullLoadSetings":{}})").find("did you mean FullLoadSettings?"),
            std::string::npos);
  EXPECT_NE(message(R"({"TargetMetadata":{"BatchApplyEnabled":true}})")
                .find("TargetMetadata.BatchApplyEnabled is a setting of AWS DMS that Sluice does "
                      "not build yet"),
            std::string::npos);
  EXPECT_EQ(message(R"({"TargetMetadata":{"BatchApplyEnabled":false}})"), "");
  EXPECT_EQ(message(R"({"FullLoadSettings":{"MaxFullLoadSubTasks":4}})"), "");
  EXPECT_NE(message(R"({"FullLoadSettings":{"TargetTablePrepMode":"LATER"}})")
                .find("cannot be \"LATER\""),
            std::string::npos);
  EXPECT_NE(message("{"), "");
  EXPECT_NE(message("[]"), "");
}

}  // namespace
}  // namespace pipeline::dms
