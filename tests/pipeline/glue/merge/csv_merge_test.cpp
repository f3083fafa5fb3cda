#include "pipeline/glue/merge/csv_merge.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>

#include "emulator/base/csv.h"
#include "emulator/base/file.h"
#include "emulator/sim/random.h"

namespace pipeline::glue::merge {
namespace {

using emulator::sim::Random;

// Gives out `text` in pieces of at most `piece` bytes.
Source source_of(std::string text, std::size_t piece = 7) {
  return [text = std::move(text), piece,
          at = std::size_t{0}](std::span<char> into) mutable -> Result<std::size_t> {
    const std::size_t size = std::min({piece, into.size(), text.size() - at});
    text.copy(into.data(), size, at);
    at += size;
    return size;
  };
}

struct Merged {
  std::string text;
  MergeCounts counts;
};

Result<Merged> merge(std::vector<std::string> bases, const ChangeSet& changes) {
  std::vector<Base> sources;
  for (std::string& base : bases)
    sources.push_back({.read = source_of(std::move(base)), .name = "base.csv"});
  Merged merged;
  auto counts = merge_csv(sources, changes, [&](std::string_view piece) -> Result<void> {
    merged.text += piece;
    return {};
  });
  if (!counts) return tl::unexpected(counts.error());
  merged.counts = *counts;
  return merged;
}

ChangeSet changes_of(std::string csv, MergeOptions options = {}) {
  ChangeSet changes(std::move(options));
  auto added = changes.add("changes.csv", std::move(csv));
  EXPECT_TRUE(added) << (added ? "" : added.error().text());
  return changes;
}

TEST(CsvMerge, ReplacesInPlaceDropsDeletedAndAppendsNewRows) {
  auto changes = changes_of("U,2,Bea,Paris\nD,3,Cem,Rome\nI,9,Zoe,Oslo\n");
  auto merged = merge({"1,Ada,London\n2,Bob,Berlin\n3,Cem,Rome\n4,Dan,Bern\n"}, changes);
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->text, "1,Ada,London\n2,Bea,Paris\n4,Dan,Bern\n9,Zoe,Oslo\n");
  EXPECT_EQ(merged->counts.unchanged, 2u);
  EXPECT_EQ(merged->counts.replaced, 1u);
  EXPECT_EQ(merged->counts.deleted, 1u);
  EXPECT_EQ(merged->counts.inserted, 1u);
}

TEST(CsvMerge, LetsTheLastChangeOfAKeyWin) {
  auto changes = changes_of("I,1,a\nU,1,b\nD,1,b\nI,1,c\nI,2,x\nD,2,x\n");
  auto merged = merge({""}, changes);
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->text, "1,c\n");
}

TEST(CsvMerge, CopiesUntouchedRowsByteForByteAndKeepsQuotedNewlinesWhole) {
  const std::string base = "1,\"two\nlines\",\"a,b\"\n2,\"say \"\"hi\"\"\",\n";
  auto merged = merge({base + "3,x,y\n"}, changes_of("D,3,x,y\n"));
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->text, base);
}

TEST(CsvMerge, MatchesAQuotedKeyWithTheSameKeyWithoutQuotes) {
  auto merged = merge({"\"7\",a\n\"x,\"\"y\",b\n"}, changes_of("U,7,new\nD,\"x,\"\"y\",b\n"));
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->text, "7,new\n");
}

TEST(CsvMerge, TellsCompositeKeysApartThatJoinToTheSameText) {
  MergeOptions options{.key_columns = {2, 0}};
  auto merged = merge({"ab,1,c\na,2,bc\n"}, changes_of("D,a,2,bc\n", options));
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->text, "ab,1,c\n");
}

TEST(CsvMerge, FollowsSeveralLoadFilesAndCutsWhatTheyCarryAround) {
  auto changes = changes_of("U,2026-01-01 00:00:00,2,B\n", {.columns_after_op = 1});
  std::vector<Base> bases;
  bases.push_back({.read = source_of("I,2026-01-01 00:00:00,1,a,\n"),
                   .leading_columns = 2,
                   .trailing_column = true});
  bases.push_back({.read = source_of("2,b\n")});
  std::string out;
  auto counts = merge_csv(bases, changes, [&](std::string_view piece) -> Result<void> {
    out += piece;
    return {};
  });
  ASSERT_TRUE(counts) << counts.error().text();
  EXPECT_EQ(out, "1,a\n2,B\n");
}

TEST(CsvMerge, WritesTheHeaderOnceAndTakesItFromTheChangesWhenThereIsNoBase) {
  MergeOptions options{.has_header = true};
  auto merged =
      merge({"id,name\n1,a\n", "id,name\n2,b\n"}, changes_of("Op,id,name\nD,1,a\n", options));
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->text, "id,name\n2,b\n");
  auto fresh = merge({}, changes_of("Op,id,name\nI,1,a\n", options));
  ASSERT_TRUE(fresh);
  EXPECT_EQ(fresh->text, "id,name\n1,a\n");
}

TEST(CsvMerge, IgnoresARowThatIsNotAboveTheLastPositionOfItsKey) {
  MergeOptions options{.has_sequence = true};
  ChangeSet first(options);
  ASSERT_TRUE(first.add("a.csv", "I,1,old,0010\nD,1,old,0030\nI,2,x,0020\n"));
  ChangeSet later(options);
  ASSERT_TRUE(later.load_positions(first.positions()));
  auto counts = later.add("b.csv", "I,1,ghost,0010\nU,2,\"y,z\",0021\n");
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->stale, 1u);
  auto merged = merge({"2,x\n"}, later);
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->text, "2,\"y,z\"\n") << "a row that was deleted must not come back";
  EXPECT_EQ(later.positions(), "0030,D,1\n0021,I,2\n");
}

TEST(CsvMerge, RefusesABadChangeFileWholeAndNamesTheLine) {
  const std::map<std::string, std::string> cases{
      {"I,1,a\nX,2,b\n", "f.csv, line 2: the first column is not I, U or D"},
      {"I,1,a\nU", "f.csv, line 2: the last line has no line feed: the file is torn"},
      {"I,1,\"a\n", "f.csv, line 1: a quote is never closed"},
      {"I,1,a\nI\n", "f.csv, line 2: there are no columns after the operation"},
  };
  for (const auto& [csv, message] : cases) {
    ChangeSet changes(MergeOptions{});
    auto added = changes.add("f.csv", csv);
    ASSERT_FALSE(added) << csv;
    EXPECT_EQ(added.error().message, message);
    EXPECT_EQ(changes.keys(), 0u) << "nothing of a bad file is kept";
  }
}

TEST(CsvMerge, RefusesATornBaseAndARowTooShortForTheKey) {
  auto changes = changes_of("");
  EXPECT_EQ(merge({"1,a\n2"}, changes).error().message,
            "base.csv: the last line has no line feed: the file is torn");
  EXPECT_EQ(merge({"1,\"a\n"}, changes).error().message, "base.csv: a quote is never closed");
  EXPECT_EQ(merge({"id,name"}, changes_of("", {.has_header = true})).error().message,
            "base.csv: the last line has no line feed: the file is torn");
  auto second_column = changes_of("", {.key_columns = {1}});
  EXPECT_EQ(merge({"1,a\n2\n"}, second_column).error().message,
            "base.csv, row 2: it has fewer columns than the key needs");
}

// The independent way to the same answer: parse everything, keep it in a map.
std::multiset<std::string> model(const std::string& base, const std::string& changes) {
  std::map<std::string, std::string> rows;
  auto text = [](const emulator::base::CsvRow& row, std::size_t from) {
    std::string out;
    for (std::size_t i = from; i < row.size(); ++i) {
      if (i > from) out += ',';
      emulator::base::append_csv_field(out, row[i].text);
    }
    return out;
  };
  const auto base_rows = emulator::base::parse_csv(base);
  for (const auto& row : *base_rows) rows[row[0].text] = text(row, 0);
  const auto change_rows = emulator::base::parse_csv(changes);
  for (const auto& row : *change_rows) {
    if (row[0].text == "D")
      rows.erase(row[1].text);
    else
      rows[row[1].text] = text(row, 1);
  }
  std::multiset<std::string> out;
  for (const auto& [key, row] : rows) out.insert(row);
  return out;
}

std::string random_row(Random& random, std::uint64_t key) {
  static const std::vector<std::string> hazards{
      "plain",
      "\"a,b\"",
      "\"say \"\"x\"\"\"",
      "\"two\nlines\"",
      "",
      "é😀",
      "a rather long value that is more than one block of sixty-four bytes, said twice"};
  std::string row = random.chance(0.1) ? "\"" + std::to_string(key) + "\"" : std::to_string(key);
  for (int i = 0; i < 2; ++i) {
    std::string value = hazards[random.below(hazards.size())];
    if (value.find(',') != std::string::npos && value.front() != '"') value = '"' + value + '"';
    row += ',' + value;
  }
  return row + '\n';
}

struct Workload {
  std::string base, changes;
};

Workload random_workload(std::uint64_t seed, std::uint64_t rows) {
  Random random(seed, "csv_merge_test");
  Workload work;
  for (std::uint64_t key = 0; key < rows; ++key) work.base += random_row(random, key);
  for (std::uint64_t i = 0; i < rows / 2; ++i) {
    work.changes += "IUD"[random.below(3)];
    work.changes += ',' + random_row(random, random.below(rows * 2));
  }
  return work;
}

std::multiset<std::string> rows_of(const std::string& csv) {
  std::multiset<std::string> out;
  const auto rows = emulator::base::parse_csv(csv);
  for (const auto& row : *rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) line += ',';
      emulator::base::append_csv_field(line, row[i].text);
    }
    out.insert(line);
  }
  return out;
}

TEST(CsvMerge, AgreesWithAMapOnRandomFiles) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Workload work = random_workload(seed, seed % 40);
    auto merged = merge({work.base}, changes_of(work.changes));
    ASSERT_TRUE(merged) << merged.error().text();
    EXPECT_EQ(rows_of(merged->text), model(work.base, work.changes)) << "seed " << seed;
  }
}

TEST(CsvMerge, MergesFilesOnManyThreadsToTheSameBytesAsTheStream) {
  const auto folder = std::filesystem::temp_directory_path() / "sluice_csv_merge_test";
  std::filesystem::create_directories(folder);
  Workload work = random_workload(7, 60'000);  // several blocks of a megabyte
  const std::string base = folder / "base.csv", changes = folder / "changes.csv",
                    out = folder / "out.csv";
  ASSERT_TRUE(emulator::base::write_file_atomically(base, work.base));
  ASSERT_TRUE(emulator::base::write_file_atomically(changes, work.changes));
  auto stream = merge({work.base}, changes_of(work.changes));
  ASSERT_TRUE(stream);
  for (std::size_t threads : {1u, 2u, 5u}) {
    auto merged = merge_files({.base = base, .changes = {changes}, .out = out, .threads = threads});
    ASSERT_TRUE(merged) << merged.error().text();
    EXPECT_EQ(*emulator::base::read_file(out), stream->text) << threads << " threads";
    EXPECT_EQ(merged->rows.output_rows(), stream->counts.output_rows());
  }
  ASSERT_TRUE(emulator::base::write_file_atomically(base, work.base + "9"));
  EXPECT_FALSE(merge_files({.base = base, .changes = {changes}, .out = out}));
  EXPECT_FALSE(std::filesystem::exists(out + ".tmp")) << "a merge that fails leaves nothing behind";
  EXPECT_FALSE(merge_files({.base = base, .changes = {changes}, .out = base}))
      << "never over the base";
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace pipeline::glue::merge
