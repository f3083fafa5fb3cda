// The sound merge as a job: sweep, manifest, publication. The rows themselves are
// tests/pipeline/glue/merge's business.

#include <gtest/gtest.h>

#include "pipeline/glue/native/manifest.h"
#include "world.h"

namespace pipeline::glue {
namespace {

const std::string load_1 = folder + "LOAD00000001.csv";
const std::string change_1 = folder + "20260101-000100003.csv";
const std::string change_2 = folder + "20260101-000200003.csv";
const std::string change_3 = folder + "20260101-000300003.csv";
const std::string manifest_key = "output/shop/people/_manifest.json";

Job merge_job(const Arguments& more, void (*adjust)(Job&)) {
  Job job = job_of("merge");
  for (const auto& [name, value] : more) job.default_arguments[name] = value;
  adjust(job);
  return job;
}

struct Merge : World {
  explicit Merge(
      const Arguments& more = {}, void (*adjust)(Job&) = [](Job&) {})
      : World(merge_job(more, adjust)) {}
  native::Manifest manifest() {
    auto parsed = native::parse_manifest(text("out", manifest_key));
    EXPECT_TRUE(parsed) << parsed.error().text();
    return parsed ? *parsed : native::Manifest{};
  }
};

TEST(Merge, PublishesLoadAndChangesUnderATablePrefixWithAManifest) {
  Merge m;
  m.put(load_1, "1,Ada,London\n2,Bob,Rome\n");
  EXPECT_EQ(m.arrive(change_1, "I,3,Cid,Oslo\nU,1,Ada,Paris\nD,2,Bob,Rome\n"), "SUCCEEDED");
  EXPECT_EQ(m.rows(), "1,Ada,Paris|3,Cid,Oslo");
  const auto manifest = m.manifest();
  EXPECT_EQ(manifest.version, 1u);
  EXPECT_EQ(manifest.rows, 2u);
  EXPECT_EQ(manifest.source, "s3://input/shop/people/");
  EXPECT_EQ(m.keys("out"),
            (std::vector<std::string>{manifest_key, "output/shop/people/" + manifest.data}));
  EXPECT_EQ(m.text("out", "output/shop/people/" + manifest.data), "1,Ada,Paris\n3,Cid,Oslo\n");
}

TEST(Merge, AddsNewChangeFilesToThePublishedTable) {
  Merge m;
  m.arrive(load_1, "1,Ada,London\n");
  const std::string first = m.manifest().data;
  EXPECT_EQ(m.arrive(change_1, "I,2,Bob,Rome\n"), "SUCCEEDED");
  EXPECT_EQ(m.rows(), "1,Ada,London|2,Bob,Rome");
  EXPECT_EQ(m.manifest().version, 2u);
  EXPECT_NE(m.manifest().data, first);
  EXPECT_EQ(m.keys("out").size(), 2u) << "the superseded data object is removed";
  EXPECT_EQ(m.glue->job_runs("job").front().output.front(),
            "shop.people: incremental of 1 files: 1 inserts, 0 updates, 0 deletes, 0 seen before; "
            "version 2 has 2 rows");
}

TEST(Merge, PublishesNothingWhenNothingIsNew) {
  Merge m;
  m.arrive(load_1, "1,Ada,London\n");
  const std::string before = m.text("out", manifest_key);
  EXPECT_EQ(m.run(load_1), "SUCCEEDED");
  EXPECT_EQ(m.text("out", manifest_key), before);
}

TEST(Merge, PicksUpFilesWhoseEventsWereLost) {
  Merge m;
  m.put(load_1, "1,Ada,London\n");
  m.put(change_1, "I,2,Bob,Rome\n");
  EXPECT_EQ(m.arrive(change_2, "I,3,Cid,Oslo\n"), "SUCCEEDED");
  EXPECT_EQ(m.rows(), "1,Ada,London|2,Bob,Rome|3,Cid,Oslo");
}

TEST(Merge, SweepsOnAScheduleWithoutAnyEvent) {
  Merge m({}, [](Job& job) { job.schedule = std::chrono::minutes(10); });
  m.put(load_1, "1,Ada,London\n");
  m.scheduler.advance_by(std::chrono::minutes(11));
  EXPECT_EQ(m.rows(), "1,Ada,London");
}

TEST(Merge, BuildsTheTableAnewWhenAFileComesLateOrChanged) {
  Merge m;
  m.put(load_1, "1,Ada,London\n");
  m.arrive(change_2, "U,1,Ada,Paris\n");
  EXPECT_EQ(m.arrive(change_1, "U,1,Ada,Rome\nI,2,Bob,Rome\n"), "SUCCEEDED");
  EXPECT_EQ(m.rows(), "1,Ada,Paris|2,Bob,Rome");
  EXPECT_EQ(m.arrive(change_2, "U,1,Ada,Oslo\n"), "SUCCEEDED");
  EXPECT_EQ(m.rows(), "1,Ada,Oslo|2,Bob,Rome");
}

TEST(Merge, GivesTheSameTableWhateverTheOrderInWhichFilesCome) {
  const std::vector<std::pair<std::string, std::string>> files{
      {load_1, "1,Ada,London\n2,Bob,Rome\n"},
      {change_1, "U,1,Ada,Paris\nI,3,Cid,Oslo\n"},
      {change_2, "D,3,Cid,Oslo\nU,2,Bob,Bern\n"},
      {change_3, "I,3,Dan,Riga\nD,1,Ada,Paris\n"}};
  std::vector<std::size_t> order{0, 1, 2, 3};
  do {
    Merge m;
    for (std::size_t i : order) EXPECT_EQ(m.arrive(files[i].first, files[i].second), "SUCCEEDED");
    EXPECT_EQ(m.rows(), "2,Bob,Bern|3,Dan,Riga");
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Merge, TakesAFileOnceHoweverOftenItsEventComesOrItIsPut) {
  Merge m;
  m.arrive(load_1, "1,Ada,London\n");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(m.arrive(change_1, "I,2,Bob,Rome\n"), "SUCCEEDED");
  EXPECT_EQ(m.rows(), "1,Ada,London|2,Bob,Rome");
  EXPECT_EQ(m.manifest().version, 2u);
}

TEST(Merge, JoinsTheFilesOfASplitFullLoad) {
  Merge m;
  m.arrive(load_1, "1,Ada,London\n");
  m.arrive(change_1, "U,1,Ada,Paris\n");
  EXPECT_EQ(m.arrive(folder + "LOAD00000002.csv", "2,Bob,Rome\n"), "SUCCEEDED");
  EXPECT_EQ(m.rows(), "1,Ada,Paris|2,Bob,Rome");
}

TEST(Merge, StartsAgainFromAReloadEvenIfItsBytesAreThoseOfTheFirstLoad) {
  Merge m;
  m.arrive(load_1, "1,Ada,London\n");
  m.arrive(change_1, "U,1,Ada,Paris\n");
  m.remove(load_1);
  m.remove(change_1);
  EXPECT_EQ(m.arrive(load_1, "1,Ada,London\n"), "SUCCEEDED");
  EXPECT_EQ(m.rows(), "1,Ada,London");
}

TEST(Merge, PublishesAnEmptyTableWhenItsFolderWasEmptied) {
  Merge m;
  m.arrive(load_1, "1,Ada,London\n");
  m.remove(load_1);
  EXPECT_EQ(m.run(), "SUCCEEDED");
  EXPECT_EQ(m.rows(), "");
  EXPECT_EQ(m.manifest().rows, 0u);
  EXPECT_EQ(m.run(), "SUCCEEDED");
  EXPECT_EQ(m.manifest().version, 2u) << "once is enough";
  EXPECT_EQ(m.arrive(change_1, "I,2,Bob,Rome\n"), "SUCCEEDED");
  EXPECT_EQ(m.rows(), "2,Bob,Rome");
}

TEST(Merge, ForgetsATableWithoutLoadFilesThatWasTruncatedBetweenTwoRuns) {
  Merge m;
  m.arrive(change_1, "I,1,Ada,London\n");
  m.remove(change_1);
  EXPECT_EQ(m.arrive(change_2, "I,2,Bob,Rome\n"), "SUCCEEDED");
  EXPECT_EQ(m.rows(), "2,Bob,Rome");
}

TEST(Merge, LetsMergedChangeFilesBeArchivedUnlessAnOlderOneComesLate) {
  Merge m;
  m.arrive(load_1, "1,Ada,London\n");
  m.arrive(change_2, "I,2,Bob,Rome\n");
  m.remove(change_2);
  EXPECT_EQ(m.arrive(change_3, "I,3,Cid,Oslo\n"), "SUCCEEDED");
  EXPECT_EQ(m.rows(), "1,Ada,London|2,Bob,Rome|3,Cid,Oslo");
  EXPECT_EQ(m.arrive(change_1, "I,4,Dan,Riga\n"),
            "FAILED: the table shop.people must be built anew, but its change file "
            "20260101-000200003.csv is gone (put the file back, "
            "or reload the table)");
}

TEST(Merge, KeepsTablesApart) {
  Merge m;
  m.put(load_1, "1,Ada,London\n");
  m.put("shop/orders/LOAD00000001.csv", "7,Lamp,2\n");
  EXPECT_EQ(m.arrive("depot/people/LOAD00000001.csv", "9,Zoe,Ghent\n"), "SUCCEEDED");
  EXPECT_EQ(m.rows("s3://out/output/shop/people/"), "1,Ada,London");
  EXPECT_EQ(m.rows("s3://out/output/shop/orders"), "7,Lamp,2");
  EXPECT_EQ(m.rows("s3://out/output/depot"), "9,Zoe,Ghent");
  EXPECT_EQ(m.rows(),
            "error: 3 tables are below s3://out/output: output/depot/people/, output/shop/orders/, "
            "output/shop/people/ (name one of them)");
}

TEST(Merge, LooksOnlyBelowItsInputPrefixAndAtFilesThatDmsWrote) {
  Merge m(Arguments{{"--input_prefix", "cdc/"}});
  m.put("cdc/" + load_1, "1,Ada,London\n");
  m.put("cdc2/" + load_1, "2,Bob,Rome\n");
  m.put("cdc/shop/people/notes.csv", "hello\n");
  m.put("cdc/shop/people/sub/readme.txt", "hello\n");
  EXPECT_EQ(m.run(), "SUCCEEDED");
  EXPECT_EQ(m.rows(), "1,Ada,London");
}

TEST(Merge, RefusesTwoFoldersForOneTableAndFilesThatItCannotRead) {
  Merge m;
  m.put(load_1, "1,Ada,London\n");
  m.put("other/" + load_1, "1,Ada,London\n");
  EXPECT_EQ(m.run(),
            "FAILED: two folders hold the table shop.people: other/shop/people/ and shop/people/ "
            "(give one job each with "
            "--input_prefix and an --output of its own)");
  m.remove("other/" + load_1);
  m.put(folder + "LOAD00000002.parquet", "PAR1");
  EXPECT_EQ(m.run(),
            "FAILED: s3://input/shop/people/LOAD00000002.parquet is not supported (the merge reads "
            "uncompressed CSV)");
}

TEST(Merge, FailsOnATornFileWithItsNameAndLineAndGoesOnOnceItIsRepaired) {
  Merge m;
  m.put("shop/orders/LOAD00000001.csv", "7,Lamp,2\n");
  m.arrive(load_1, "1,Ada,London\n");
  m.put("shop/orders/20260101-000100003.csv", "U,7,Lamp,3\n");
  EXPECT_EQ(
      m.arrive(change_1, "I,2,Bob,Rome\nI,3,\"Ci"),
      "FAILED: s3://input/shop/people/20260101-000100003.csv, line 2: a quote is never closed");
  EXPECT_EQ(m.rows("s3://out/output/shop/people"), "1,Ada,London") << "nothing of the file";
  EXPECT_EQ(m.rows("s3://out/output/shop/orders"), "7,Lamp,3") << "the other table is not held up";
  EXPECT_EQ(m.arrive(change_1, "I,2,Bob,Rome\nI,3,\"Cid, the\nThird\",Oslo\n"), "SUCCEEDED");
  EXPECT_EQ(m.rows("s3://out/output/shop/people"),
            "1,Ada,London|2,Bob,Rome|3,Cid, the\nThird,Oslo");
}

TEST(Merge, KeepsTheOldTableWhenItDiesBeforeItPublishes) {
  Merge m;
  m.arrive(load_1, "1,Ada,London\n");
  m.crash_at("glue.before_publish");
  EXPECT_EQ(m.arrive(change_1, "I,2,Bob,Rome\n"),
            "FAILED: the job died at glue.before_publish (shop.people)");
  EXPECT_EQ(m.rows(), "1,Ada,London");
  EXPECT_EQ(m.keys("out").size(), 3u) << "an orphan is left";
  EXPECT_EQ(m.run(change_1), "SUCCEEDED");
  EXPECT_EQ(m.rows(), "1,Ada,London|2,Bob,Rome");
  EXPECT_EQ(m.keys("out").size(), 2u) << "and swept";
}

TEST(Merge, ConvergesWhenRunsOverlap) {
  Merge m({}, [](Job& job) { job.max_concurrent_runs = 3; });
  m.put(load_1, "1,Ada,London\n");
  EXPECT_EQ(m.start(load_1), "");
  m.scheduler.advance_by(std::chrono::seconds(5));
  m.put(change_1, "I,2,Bob,Rome\n");
  EXPECT_EQ(m.start(change_1), "");
  m.scheduler.advance_by(std::chrono::seconds(5));
  m.put(change_2, "U,1,Ada,Paris\n");
  EXPECT_EQ(m.start(change_2), "");
  m.settle();
  for (const JobRun& run : m.glue->job_runs("job"))
    EXPECT_EQ(run.state, RunState::succeeded) << run.error_message;
  EXPECT_EQ(m.rows(), "1,Ada,Paris|2,Bob,Rome");
  EXPECT_EQ(m.keys("out").size(), 2u);
}

// I7 and I4: at every line of S3's trace a reader sees the table before or after, and the states
// follow the changes.
TEST(Merge, ShowsAReaderOnlyWholeTablesInTheOrderOfTheChanges) {
  Merge m;
  m.arrive(load_1, "1,Ada,London\n");
  std::vector<std::string> seen{m.rows()};
  bool reading = false;
  m.trace.listen([&](const emulator::sim::TraceLine& line) {
    if (line.actor != "s3" || reading) return;
    reading = true;
    const std::string now = m.rows();
    reading = false;
    if (now != seen.back()) seen.push_back(now);
  });
  m.arrive(change_1, "I,2,Bob,Rome\n");
  m.crash_at("glue.before_publish");
  m.arrive(change_2, "U,2,Bob,Bern\n");
  m.arrive(change_3, "D,1,Ada,London\n");
  EXPECT_EQ(seen,
            (std::vector<std::string>{"1,Ada,London", "1,Ada,London|2,Bob,Rome", "2,Bob,Bern"}));
}

TEST(Merge, TakesFilesInAnyOrderWithoutARebuildWhereRowsCarryPositions) {
  Merge m(Arguments{{"--sequence", "true"}});
  m.put(load_1, "1,Ada,London\n2,Bob,Rome\n");
  m.arrive(change_2, "D,2,Bob,Rome,0000000000000000300\nU,1,Ada,Paris,0000000000000000301\n");
  m.remove(change_2);  // gone: a rebuild would fail
  EXPECT_EQ(
      m.arrive(change_1, "U,2,Bob,Bern,0000000000000000100\nI,3,Cid,Oslo,0000000000000000200\n"),
      "SUCCEEDED");
  EXPECT_EQ(m.rows(), "1,Ada,Paris|3,Cid,Oslo") << "the tombstone of 2 beats the older update";
  EXPECT_EQ(m.keys("out").size(), 3u) << "manifest, data, positions";
  EXPECT_EQ(m.glue->job_runs("job").front().output.front(),
            "shop.people: incremental of 1 files: 1 inserts, 0 updates, 0 deletes, 1 seen before; "
            "version 2 has 2 rows");
}

TEST(Merge, CutsOpTimestampAndSequenceOffTheRows) {
  Merge m(Arguments{{"--sequence", "true"},
                    {"--sequence_in_load", "true"},
                    {"--timestamp_column", "true"},
                    {"--op_in_load", "true"}});
  m.put(load_1,
        "I,2026-01-01 00:00:00.000001,1,Ada,London,\nI,2026-01-01 00:00:00.000002,2,\"Bob, "
        "Jr.\",Rome,\n");
  EXPECT_EQ(m.arrive(change_1, "U,2026-01-01 00:01:00.000000,1,Ada,Paris,0000000000000000100\n"),
            "SUCCEEDED");
  EXPECT_EQ(m.rows(), "1,Ada,Paris|2,Bob, Jr.,Rome");
}

TEST(Merge, ReadsHeadersAndOtherDelimiters) {
  Merge m(Arguments{{"--header", "true"}, {"--delimiter", "|"}});
  m.put(load_1, "PersonID|FullName|City\n1|Ada|London\n");
  EXPECT_EQ(m.arrive(change_1, "Op|PersonID|FullName|City\nI|2|Bob, Jr.|Rome\n"), "SUCCEEDED");
  EXPECT_EQ(m.rows(), "1,Ada,London|2,Bob, Jr.,Rome");
  auto table = read_output(m.s3, "s3://out/output");
  ASSERT_TRUE(table);
  EXPECT_EQ(table->column_names, (std::vector<std::string>{"PersonID", "FullName", "City"}));
}

TEST(Merge, TakesKeysOfSeveralColumnsByTable) {
  Merge m(Arguments{{"--primary_key", "1;shop.people=2,1"}});
  m.put("shop/orders/LOAD00000001.csv", "7,Lamp,2\n");
  m.put(load_1, "1,Ada,London\n1,Bob,Rome\n");
  EXPECT_EQ(m.arrive(change_1, "U,1,Bob,Bern\n"), "SUCCEEDED");
  EXPECT_EQ(m.rows("s3://out/output/shop/people"), "1,Ada,London|1,Bob,Bern");
}

TEST(Merge, BuildsTheTableAnewWhenItsArgumentsChange) {
  Merge m;
  m.put(load_1, "1,Ada,London\n1,Bob,Rome\n");
  m.arrive(change_1, "U,1,Bob,Bern\n");
  EXPECT_EQ(m.run("", {{"--primary_key", "1,2"}}), "SUCCEEDED");
  EXPECT_EQ(m.rows(), "1,Ada,London|1,Bob,Bern");
}

TEST(Merge, RefusesArgumentsThatAreWrongByName) {
  const std::vector<std::pair<Arguments, std::string>> wrong{
      {{{"--primary_key", "0"}},
       "argument --primary_key = \"0\": \"0\" is no column number (numbers from 1, such as 1 or "
       "1,2)"},
      {{{"--primary_keys", "1"}},
       "there is no argument --primary_keys (did you mean --primary_key?)"},
      {{{"--sequence", "yes"}}, "argument --sequence = \"yes\": it is no switch (true or false)"},
      {{{"--delimiter", ";;"}},
       "argument --delimiter = \";;\": it is no delimiter (one character, such as , | or \\t)"},
      {{{"--output", "out/output"}},
       "argument --output = \"out/output\": \"out/output\" is no S3 URI (s3://bucket/prefix)"},
  };
  for (const auto& [arguments, message] : wrong) {
    Merge m(arguments);
    EXPECT_EQ(m.run(), "FAILED: " + message);
  }
  Merge m(Arguments{{"--primary_key", "db.other=1"}});
  EXPECT_EQ(m.arrive(load_1, "1,Ada,London\n"),
            "FAILED: there is no primary key for the table shop.people (add shop.people=1 to "
            "--primary_key)");
}

TEST(Merge, KeepsRowsOfAnotherWidthAsTheyWereWritten) {
  Merge m;
  m.put(load_1, "1,Ada,London\n2,Bob,Rome\n");
  EXPECT_EQ(m.arrive(change_1, "U,2,Bob,Rome,blue\n"), "SUCCEEDED");
  EXPECT_EQ(m.rows(), "1,Ada,London|2,Bob,Rome,blue");
}

TEST(Merge, SaysWhenItsManifestCannotBeRead) {
  Merge m;
  m.arrive(load_1, "1,Ada,London\n");
  ASSERT_TRUE(m.s3.put_object({.bucket = "out", .key = manifest_key}, "{\"version\":1}"));
  EXPECT_EQ(m.run(),
            "FAILED: s3://out/output/shop/people/_manifest.json: the manifest's member \"schema\" "
            "is absent or of a wrong type");
}

TEST(Merge, GivesTheSameTraceForTheSameSeed) {
  std::vector<std::uint64_t> hashes;
  for (int i = 0; i < 2; ++i) {
    Merge m;
    m.arrive(load_1, "1,Ada,London\n");
    m.arrive(change_1, "I,2,Bob,Rome\n");
    hashes.push_back(m.trace.hash());
  }
  EXPECT_EQ(hashes[0], hashes[1]);
}

}  // namespace
}  // namespace pipeline::glue
