#include "pipeline/commands/serve_endpoints.h"

#include <gtest/gtest.h>

#include <string>

namespace pipeline::commands {
namespace {

using emulator::sim::EventId;

std::string line(EventId id) { return "{\"id\":" + std::to_string(id) + "}"; }

void add(TraceLog& log, EventId first, EventId last) {
  for (EventId id = first; id <= last; ++id) log.add({.id = id, .text = line(id)});
}

std::string lines(EventId first, EventId last) {
  std::string out;
  for (EventId id = first; id <= last; ++id) out += line(id) + "\n";
  return out;
}

TEST(TraceLog, GivesTheLinesBehindAnId) {
  TraceLog log;
  EXPECT_EQ(log.lines_after(0), "");
  add(log, 1, 20'000);  // several blocks
  EXPECT_EQ(log.lines_after(0), lines(1, 20'000));
  for (const EventId after : {1u, 4'000u, 6'000u, 19'999u, 20'000u, 30'000u})
    EXPECT_EQ(log.lines_after(after), lines(after + 1, 20'000)) << after;
}

TEST(TraceLog, LosesTheOldestLinesFirst) {
  TraceLog log(200'000);
  add(log, 1, 50'000);
  const std::string kept = log.lines_after(0);
  EXPECT_LE(kept.size(), 200'000u);
  EXPECT_GT(kept.size(), 100'000u);
  const std::string all = lines(1, 50'000);
  EXPECT_TRUE(all.ends_with("\n" + kept));
}

}  // namespace
}  // namespace pipeline::commands
