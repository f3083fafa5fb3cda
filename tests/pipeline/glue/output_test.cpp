#include "pipeline/glue/output.h"

#include <gtest/gtest.h>

#include "pipeline/glue/native/manifest.h"
#include "pipeline/glue/native/sweep.h"
#include "world.h"

namespace pipeline::glue {
namespace {

TEST(S3Uri, IsTakenApart) {
  EXPECT_EQ(*parse_s3_uri("s3://bucket/a/b/"),
            std::pair(std::string("bucket"), std::string("a/b")));
  EXPECT_EQ(*parse_s3_uri("s3a://bucket"), std::pair(std::string("bucket"), std::string()));
  EXPECT_FALSE(parse_s3_uri("bucket/a"));
  EXPECT_FALSE(parse_s3_uri("s3:///a"));
}

TEST(ReadOutput, FindsNothingWhereNothingIs) {
  World world(job_of("merge"));
  auto table = read_output(world.s3, "s3://out/output/");
  ASSERT_TRUE(table);
  EXPECT_TRUE(table->rows.empty());
  EXPECT_TRUE(table->objects.empty());
  EXPECT_FALSE(read_output(world.s3, "s3://absent/output/"));
}

TEST(ReadOutput, ReadsAllPartFilesOfASparkOutputAndTellsNullFromText) {
  World world(job_of("tutorial"));
  ASSERT_TRUE(world.s3.put_object({.bucket = "out", .key = "o/part-00000-a-c000.csv"},
                                  "1,,\"x \\\"y\\\"\"\n"));
  ASSERT_TRUE(world.s3.put_object({.bucket = "out", .key = "o/part-00001-a-c000.csv"}, "2,B,y\n"));
  ASSERT_TRUE(world.s3.put_object({.bucket = "out", .key = "o/_SUCCESS"}, ""));
  auto table = read_output(world.s3, "s3://out/o");
  ASSERT_TRUE(table);
  EXPECT_EQ(world.rows("s3://out/o"), "1,,x \"y\"|2,B,y");
  EXPECT_EQ(table->objects.size(), 2u);
  EXPECT_FALSE(table->rows[0][1].quoted);
}

TEST(ReadOutput, SaysWhenTheManifestPointsNowhere) {
  World world(job_of("merge"));
  world.arrive(folder + "LOAD00000001.csv", "1,Ada,London\n");
  for (const std::string& key : world.keys("out"))
    if (key.find("/data/") != std::string::npos) world.remove(key, "out");
  EXPECT_NE(world.rows().find("is not there, but the manifest points to it"), std::string::npos);
}

TEST(FileKinds, AreToldByName) {
  using native::FileKind;
  EXPECT_EQ(native::kind_of_file("LOAD00000001.csv"), FileKind::load);
  EXPECT_EQ(native::kind_of_file("LOAD0000000A.csv"), FileKind::load);
  EXPECT_EQ(native::kind_of_file("SEGMENT12_LOAD00000001.csv"), FileKind::load);
  EXPECT_EQ(native::kind_of_file("20260101-000100003.csv"), FileKind::change);
  EXPECT_EQ(native::kind_of_file("20260101-000100003.csv.gz"), FileKind::unsupported);
  EXPECT_EQ(native::kind_of_file("LOAD00000001.parquet"), FileKind::unsupported);
  EXPECT_EQ(native::kind_of_file("LOAD0000001.csv"), FileKind::other);
  EXPECT_EQ(native::kind_of_file("SEGMENT_LOAD00000001.csv"), FileKind::other);
  EXPECT_EQ(native::kind_of_file(""), FileKind::other);
}

TEST(Manifest, ReadsBackWhatItRendersAndRefusesEveryCutOfIt) {
  native::Manifest manifest;
  manifest.version = 7;
  manifest.schema = "shöp";
  manifest.table = "a \"b\"";
  manifest.delimiter = '\t';
  manifest.data = "data/part-1.csv";
  manifest.rows = 101;
  manifest.loads = {{"LOAD00000001.csv", "e 2026"}};
  manifest.changes = {{"20260101-000100003.csv", "f"}};
  const std::string text = native::render(manifest);
  auto back = native::parse_manifest(text);
  ASSERT_TRUE(back);
  EXPECT_EQ(native::render(*back), text);
  for (std::size_t size = 0; size + 2 < text.size(); ++size)
    EXPECT_FALSE(native::parse_manifest(text.substr(0, size)));
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = static_cast<char>(changed[at] ^ 0x11);
    (void)native::parse_manifest(changed);  // any answer, no crash
  }
}

}  // namespace
}  // namespace pipeline::glue
