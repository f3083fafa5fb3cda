// The tutorial's job: what it does, and each of its faults.

#include <gtest/gtest.h>

#include "world.h"

namespace pipeline::glue {
namespace {

struct Tutorial : World {
  Tutorial() : World(job_of("tutorial")) {}
  void load(std::string_view text) {
    EXPECT_EQ(arrive(folder + "LOAD00000001.csv", text), "SUCCEEDED");
  }
  std::string change(std::string_view text) {
    return arrive(folder + "20260101-000100003.csv", text);
  }
};

TEST(Tutorial, WritesALoadFileAsOnePartAndASuccessMarker) {
  Tutorial t;
  t.load("1,Ada,London\n2,Bob,\n");
  const auto keys = t.keys("out");
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0], "output/_SUCCESS");
  EXPECT_EQ(keys[1].substr(0, 18), "output/part-00000-");
  EXPECT_EQ(keys[1].substr(keys[1].size() - 9), "-c000.csv");
  EXPECT_EQ(t.text("out", keys[1]), "1,Ada,London\n2,Bob,\n");
}

TEST(Tutorial, AppliesInsertsUpdatesAndDeletesRowByRow) {
  Tutorial t;
  t.load("1,Ada,London\n2,Bob,Rome\n3,Cid,Oslo\n");
  EXPECT_EQ(t.change("I,4,Dan,Bern\nU,2,Bea,Riga\nD,1,Ada,London\nU,4,Dora,Bern\n"), "SUCCEEDED");
  EXPECT_EQ(t.rows(), "2,Bea,Riga|3,Cid,Oslo|4,Dora,Bern");
}

TEST(Tutorial, PrintsBucketAndKey) {
  Tutorial t;
  t.load("1,Ada,London\n");
  EXPECT_EQ(t.glue->job_runs("job").front().output,
            std::vector<std::string>{"input shop/people/LOAD00000001.csv"});
}

TEST(Tutorial, ReplacesTheOutputAtEachLoadFile) {
  Tutorial t;
  t.load("1,Ada,London\n");
  EXPECT_EQ(t.arrive(folder + "LOAD00000002.csv", "2,Bob,Rome\n"), "SUCCEEDED");
  EXPECT_EQ(t.rows(), "2,Bob,Rome");
}

TEST(Tutorial, DoublesAnInsertThatComesTwice) {
  Tutorial t;
  t.load("1,Ada,London\n");
  t.change("I,2,Bob,Rome\n");
  EXPECT_EQ(t.change("I,2,Bob,Rome\n"), "SUCCEEDED");
  EXPECT_EQ(t.rows(), "1,Ada,London|2,Bob,Rome|2,Bob,Rome");
  t.change("U,2,Bea,Riga\n");
  EXPECT_EQ(t.rows(), "1,Ada,London|2,Bea,Riga|2,Bea,Riga");
}

TEST(Tutorial, LosesAnUpdateOfARowThatIsNotThereYet) {
  Tutorial t;
  t.load("1,Ada,London\n");
  EXPECT_EQ(t.change("U,2,Bea,Riga\n"), "SUCCEEDED");
  EXPECT_EQ(t.rows(), "1,Ada,London");
}

TEST(Tutorial, MixesAllTablesIntoOneOutput) {
  Tutorial t;
  t.load("1,Ada,London\n");
  EXPECT_EQ(t.arrive("shop/orders/20260101-000100003.csv", "I,7,Lamp,2\n"), "SUCCEEDED");
  EXPECT_EQ(t.rows(), "1,Ada,London|7,Lamp,2");
}

TEST(Tutorial, LeavesColumnsBeyondTheThirdAsTheyWere) {
  Tutorial t;
  t.load("1,Ada,London,a\n");
  EXPECT_EQ(t.change("U,1,Bea,Riga,b\nI,2,Cid,Oslo,c\n"), "SUCCEEDED");
  EXPECT_EQ(t.rows(), "1,Bea,Riga,a|2,Cid,Oslo,c");
}

TEST(Tutorial, FailsOnAnInsertWithANull) {
  Tutorial t;
  t.load("1,Ada,London\n");
  EXPECT_EQ(t.change("I,2,Bob,\n"),
            "FAILED: ValueError: Some of types cannot be determined after inferring");
  EXPECT_EQ(t.rows(), "1,Ada,London");
}

TEST(Tutorial, UpdatesToNull) {
  Tutorial t;
  t.load("1,Ada,London\n");
  EXPECT_EQ(t.change("U,1,,\n"), "SUCCEEDED");
  EXPECT_EQ(t.rows(), "1,,");
}

TEST(Tutorial, LosesRowsWithoutIdAtAnyDeleteAndAllRowsAtADeleteOfNull) {
  Tutorial t;
  t.load("1,Ada,London\n,Nobody,Nowhere\n");
  EXPECT_EQ(t.change("D,7,,\n"), "SUCCEEDED");
  EXPECT_EQ(t.rows(), "1,Ada,London");
  EXPECT_EQ(t.change("D,,x,y\n"), "SUCCEEDED");
  EXPECT_EQ(t.rows(), "");
}

TEST(Tutorial, CannotGoOnFromAnOutputWithoutRows) {
  Tutorial t;
  t.load("1,Ada,London\n");
  EXPECT_EQ(t.change("D,1,Ada,London\n"), "SUCCEEDED");
  EXPECT_EQ(t.change("I,2,Bob,Rome\n"),
            "FAILED: AnalysisException: Union can only be performed on tables with the same number "
            "of columns, but the first table "
            "has 0 columns and the second table has 3 columns");
  EXPECT_EQ(t.change("U,2,Bob,Rome\n"),
            "FAILED: AnalysisException: Cannot resolve column name \"id\" among ()");
  EXPECT_EQ(t.change("D,2,Bob,Rome\n"),
            "FAILED: AttributeError: 'DataFrame' object has no attribute 'id'");
}

TEST(Tutorial, SplitsAValueWithALineFeedIntoTwoRows) {
  Tutorial t;
  t.load("1,Ada,London\n2,\"Bob\nthe Second\",Rome\n");
  EXPECT_EQ(t.rows(), "1,Ada,London|2,Bob,|the Second\",Rome,");
}

TEST(Tutorial, GarblesDoubledQuotes) {
  Tutorial t;
  t.load("1,\"Ada \"\"the Countess\"\" Lovelace\",London\n");
  EXPECT_EQ(t.rows(), "1,\"Ada \"\"the Countess\"\" Lovelace\",London");
}

TEST(Tutorial, CutsBlanksAtTheEndsOfValues) {
  Tutorial t;
  t.load("1, Ada ,London\n");
  EXPECT_EQ(t.rows(), "1,Ada,London");
}

TEST(Tutorial, FailsInSparksWordsWhereNothingIs) {
  Tutorial t;
  EXPECT_EQ(
      t.run(folder + "LOAD00000001.csv"),
      "FAILED: AnalysisException: Path does not exist: s3://input/shop/people/LOAD00000001.csv");
  EXPECT_EQ(t.change("I,1,Ada,London\n"),
            "FAILED: AnalysisException: Path does not exist: s3://out/output");
  ASSERT_TRUE(t.s3.put_object({.bucket = "out", .key = "output/_SUCCESS"}, ""));
  EXPECT_EQ(
      t.change("I,1,Ada,London\n"),
      "FAILED: AnalysisException: Unable to infer schema for CSV. It must be specified manually.");
  EXPECT_EQ(t.arrive(folder + "LOAD00000001.csv", ""),
            "FAILED: AnalysisException: Datasource does not support writing empty or nested empty "
            "schemas.");
}

TEST(Tutorial, TakesTheKeyAsItStandsInTheEvent) {
  Tutorial t;
  t.put("my shop/people/LOAD00000001.csv", "1,Ada,London\n");
  EXPECT_EQ(
      t.run("my+shop/people/LOAD00000001.csv"),
      "FAILED: AnalysisException: Path does not exist: s3://input/my+shop/people/LOAD00000001.csv");
}

TEST(Tutorial, LosesTheFirstOfTwoRunsThatOverlap) {
  Job job = job_of("tutorial");
  job.max_concurrent_runs = 2;
  World t(job);
  t.arrive(folder + "LOAD00000001.csv", "1,Ada,London\n");
  t.put(folder + "20260101-000100003.csv", "I,2,Bob,Rome\n");
  t.put(folder + "20260101-000200003.csv", "I,3,Cid,Oslo\n");
  EXPECT_EQ(t.start(folder + "20260101-000100003.csv"), "");
  t.scheduler.advance_by(std::chrono::seconds(10));
  EXPECT_EQ(t.start(folder + "20260101-000200003.csv"), "");
  t.settle();
  EXPECT_EQ(t.rows(), "1,Ada,London|3,Cid,Oslo");
}

TEST(Tutorial, LosesEverythingWhenItDiesBetweenDeleteAndWrite) {
  Tutorial t;
  t.load("1,Ada,London\n");
  t.crash_at("glue.between_delete_and_write");
  EXPECT_EQ(
      t.change("I,2,Bob,Rome\n"),
      "FAILED: the job died at glue.between_delete_and_write (shop/people/20260101-000100003.csv)");
  EXPECT_TRUE(t.keys("out").empty());
  EXPECT_EQ(t.change("I,2,Bob,Rome\n"),
            "FAILED: AnalysisException: Path does not exist: s3://out/output");
}

TEST(Tutorial, NamesAnArgumentThatIsMissing) {
  Job job = job_of("tutorial");
  job.default_arguments.erase("--output");
  World t(job);
  EXPECT_EQ(t.arrive(folder + "LOAD00000001.csv", "1,A,x\n"),
            "FAILED: GlueArgumentError: the following arguments are required: --output");
}

}  // namespace
}  // namespace pipeline::glue
