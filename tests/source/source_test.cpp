// Rules that hold determinism, layers and build time together, held by reading the source: a rule
// that no machine checks is a wish. Each rule is a row: what may not stand in the code, where it
// may all the same, and what to use instead.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/source_path.h"

namespace {

struct SourceFile {
  std::string path;  // from the repository's root
  std::vector<std::string> lines;
  bool is_header() const { return path.ends_with(".h"); }
};

struct Rule {
  std::vector<std::string>
      words;  // any of them; matched as whole words where they begin or end in a letter
  std::vector<std::string> allowed_below;  // path prefixes
  std::string instead;
};

const std::vector<Rule> rules{
    {{"system_clock::now", "steady_clock::now", "high_resolution_clock", "gettimeofday",
      "clock_gettime", "std::time(", "::time(nullptr", "localtime", "gmtime", "mktime"},
     {"emulator/sim/clock.cpp"},
     "Scheduler::now(), or sim::SystemClock where the real time is wanted"},
    {{"random_device", "mt19937", "_distribution", "std::shuffle", "std::rand", "srand",
      "arc4random", "getrandom"},
     {"emulator/sim/random.cpp", "pipeline/commands/serve.cpp"},
     "sim::Random, a stream by name"},
    {{"unordered_map", "unordered_set", "unordered_multimap", "std::hash"},
     {},
     "std::map or a sorted vector: nothing visible may come out of a hash table's order"},
    {{"setlocale", "std::locale", "imbue"}, {}, "std::to_chars, fmt without locale"},
    {{"sleep_for", "sleep_until", "usleep", "nanosleep", "::sleep("}, {}, "Scheduler::after"},
    {{"std::thread", "std::jthread", "std::async", "pthread_create"},
     {"emulator/base/worker_pool", "pipeline/rds/external/log_reader",
      "pipeline/rds/external/live_questions", "pipeline/rds/external/live_rows"},
     "the one thread that owns state, or base::WorkerPool for pure functions"},
    {{"catch (...)"},
     {"pipeline/main.cpp", "emulator/http/", "pipeline/scenario/runner.cpp"},
     "the exception's type, as an Error"},
    {{"getpid", "gethostname", "std::filesystem::current_path", "getcwd"},
     {},
     "nothing that differs between machines may be read"},
    {{"getenv"}, {"pipeline/commands/"}, "a parameter"},
    {{"random()", "CURRENT_TIMESTAMP'", "datetime('now')"},
     {"pipeline/rds/"},
     "a bound parameter: SQLite's own clock and chance are not ours"},
};

const std::vector<std::string> heavy_headers{
    "boost/",   "toml", "nlohmann/json.hpp", "pugixml", "sqlite3.h",
    "cppconn/", "CLI/", "openssl/",          "zlib.h",  "zstd.h"};

// Which folders a folder of emulator/ may include, beside itself. pipeline/ may include all of it,
// and it none of pipeline/.
const std::map<std::string, std::vector<std::string>> layers{
    {"emulator/base", {}},
    {"emulator/sim", {"emulator/base"}},
    {"emulator/sqlite", {"emulator/base"}},
    {"emulator/http", {"emulator/base", "emulator/sim"}},
    {"emulator/aws", {"emulator/base", "emulator/sim"}},
    {"emulator/s3", {"emulator/base", "emulator/sim", "emulator/sqlite", "emulator/aws"}},
    {"emulator/sqs",
     {"emulator/base", "emulator/sim", "emulator/sqlite", "emulator/aws", "emulator/s3"}},
    {"pipeline/mysql", {"emulator/base", "emulator/sim"}},
    {"pipeline/rds", {"emulator/base", "emulator/sim", "emulator/sqlite", "pipeline/mysql"}},
    {"pipeline/dms",
     {"emulator/base", "emulator/sim", "emulator/sqlite", "emulator/s3", "pipeline/mysql"}},
    {"pipeline/glue", {"emulator/base", "emulator/sim", "emulator/sqlite", "emulator/s3"}},
    {"pipeline/lambda", {"emulator/base", "emulator/sim", "emulator/s3", "pipeline/glue"}},
};

std::vector<SourceFile> read_sources() {
  std::vector<SourceFile> files;
  const std::filesystem::path root = tests::source_path("");
  for (const char* top : {"emulator", "pipeline"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / top)) {
      const std::string extension = entry.path().extension();
      if (extension != ".cpp" && extension != ".h") continue;
      SourceFile file{std::filesystem::relative(entry.path(), root).string(), {}};
      std::ifstream stream(entry.path());
      for (std::string line; std::getline(stream, line);) file.lines.push_back(line);
      files.push_back(std::move(file));
    }
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

const std::vector<SourceFile>& sources() {
  static const std::vector<SourceFile> files = read_sources();
  return files;
}

std::string_view without_comment(std::string_view line) {
  if (const auto first = line.find_first_not_of(' ');
      first != std::string_view::npos && line[first] == '*')
    return {};
  return line.substr(0, line.find("//"));
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool contains(std::string_view line, std::string_view word) {
  for (std::size_t at = line.find(word); at != std::string_view::npos;
       at = line.find(word, at + 1)) {
    const bool begins =
        at == 0 || !is_word(word.front()) || word.front() == '_' || !is_word(line[at - 1]);
    const std::size_t end = at + word.size();
    const bool ends = end == line.size() || !is_word(word.back()) || !is_word(line[end]);
    if (begins && ends) return true;
  }
  return false;
}

bool is_below(const std::string& path, const std::vector<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](const std::string& prefix) { return path.starts_with(prefix); });
}

std::string included(std::string_view line) {
  if (!line.starts_with("#include ")) return {};
  const auto open = line.find_first_of("<\"");
  const auto close = line.find_first_of(">\"", open + 1);
  return std::string(line.substr(open + 1, close - open - 1));
}

std::string folder_of(const std::string& path) {
  const auto first = path.find('/');
  const auto second = path.find('/', first + 1);
  return path.substr(0, second);
}

TEST(Source, IsThere) { EXPECT_GT(sources().size(), 100u); }

TEST(Source, CallsNothingThatMakesTwoRunsDiffer) {
  for (const SourceFile& file : sources()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string_view line = without_comment(file.lines[i]);
      for (const Rule& rule : rules) {
        if (is_below(file.path, rule.allowed_below)) continue;
        for (const std::string& word : rule.words)
          EXPECT_FALSE(contains(line, word)) << file.path << ":" << i + 1 << ": " << word
                                             << " is banned here; use " << rule.instead;
      }
    }
  }
}

TEST(Source, IncludesOnlyDownwards) {
  for (const SourceFile& file : sources()) {
    const std::string folder = folder_of(file.path);
    const auto layer = layers.find(folder);
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string header = included(file.lines[i]);
      if (!header.starts_with("emulator/") && !header.starts_with("pipeline/")) continue;
      const std::string target = folder_of(header);
      if (target == folder) continue;
      const bool upwards = file.path.starts_with("emulator/") && header.starts_with("pipeline/");
      EXPECT_FALSE(upwards) << file.path << ":" << i + 1 << ": emulator/ never includes pipeline/";
      if (layer == layers.end()) continue;
      EXPECT_TRUE(is_below(target, layer->second))
          << file.path << ":" << i + 1 << ": " << folder << " may not include " << target;
    }
  }
}

TEST(Source, KeepsHeavyHeadersOutOfItsOwnHeaders) {
  for (const SourceFile& file : sources()) {
    if (!file.is_header()) continue;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string header = included(file.lines[i]);
      EXPECT_FALSE(is_below(header, heavy_headers))
          << file.path << ":" << i + 1 << ": " << header << " belongs in a .cpp file";
    }
  }
}

TEST(Source, BeginsEveryHeaderWithPragmaOnceAndWhatItIsFor) {
  for (const SourceFile& file : sources()) {
    if (!file.is_header()) continue;
    ASSERT_GE(file.lines.size(), 2u) << file.path;
    EXPECT_EQ(file.lines[0], "#pragma once") << file.path;
    EXPECT_TRUE(file.lines[1].starts_with("// ")) << file.path << ": say what the header is for";
  }
}

TEST(Source, OpensNoNamespaceWhole) {
  for (const SourceFile& file : sources()) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      const std::string_view line = without_comment(file.lines[i]);
      const bool opens =
          contains(line, "using namespace") && line.find("literals;") == std::string_view::npos;
      EXPECT_FALSE(opens) << file.path << ":" << i + 1 << ": only namespaces of literals";
    }
  }
}

TEST(Source, HasAReadmeInEveryFolderOfAService) {
  const std::filesystem::path root = tests::source_path("");
  for (const char* top : {"emulator", "pipeline"}) {
    for (const auto& entry : std::filesystem::directory_iterator(root / top)) {
      if (!entry.is_directory()) continue;
      EXPECT_TRUE(std::filesystem::exists(entry.path() / "README.md"))
          << entry.path().filename() << " has no README.md";
    }
  }
}

}  // namespace
