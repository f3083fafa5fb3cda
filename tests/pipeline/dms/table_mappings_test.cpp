#include "pipeline/dms/table_mappings.h"

#include <gtest/gtest.h>

#include <string>

#include "emulator/sim/random.h"

namespace pipeline::dms {
namespace {

constexpr std::string_view real_document = R"({"rules":[
  {"rule-type":"selection","rule-id":"1","rule-name":"one","object-locator":{"schema-name":"shop","table-name":"%"},
   "rule-action":"include","filters":[]},
  {"rule-type":"selection","rule-id":2,"rule-name":"two","object-locator":{"schema-name":"shop","table-name":"tmp_%"},
   "rule-action":"exclude"},
  {"rule-type":"selection","rule-id":"3","rule-name":"three","load-order":2,
   "object-locator":{"schema-name":"shop","table-name":"orders","table-type":"table"},"rule-action":"explicit"},
  {"rule-type":"transformation","rule-id":"4","rule-name":"four","rule-target":"column","rule-action":"add-column",
   "object-locator":{"schema-name":"shop","table-name":"%"},"value":"transact_seq","expression":"$AR_H_CHANGE_SEQ",
   "data-type":{"type":"string","length":50}}
]})";

std::string error_of(std::string_view json) {
  const auto parsed = parse_table_mappings(json);
  return parsed ? "" : parsed.error().message;
}

std::string with_rule(std::string_view rule) {
  return R"({"rules":[{"rule-type":"selection","rule-id":"1","object-locator":{"schema-name":"s","table-name":"t"},)"
         R"("rule-action":"include"},)" +
         std::string(rule) + "]}";
}

TEST(TableMappings, ReadTheDocumentThatTheConsoleWrites) {
  const auto mappings = parse_table_mappings(real_document);
  ASSERT_TRUE(mappings.has_value()) << mappings.error().message;
  EXPECT_EQ(mappings->selection.size(), 3u);
  EXPECT_TRUE(mappings->selects("shop", "orders"));
  EXPECT_TRUE(mappings->selects("shop", "people"));
  EXPECT_FALSE(mappings->selects("mysql", "user"));
  EXPECT_EQ(mappings->load_order("shop", "orders"), 2);
  EXPECT_EQ(mappings->load_order("shop", "people"), 0);
  EXPECT_EQ(mappings->change_sequence_column("shop", "orders"), "transact_seq");
  EXPECT_EQ(mappings->change_sequence_column("mysql", "user"), std::nullopt);
}

TEST(TableMappings, ExcludeBeatsIncludeWhateverTheOrder) {
  const auto mappings = parse_table_mappings(R"({"rules":[
    {"rule-type":"selection","rule-id":"1","object-locator":{"schema-name":"s","table-name":"tmp%"},"rule-action":"exclude"},
    {"rule-type":"selection","rule-id":"2","object-locator":{"schema-name":"%","table-name":"%"},"rule-action":"include"}]})");
  ASSERT_TRUE(mappings.has_value());
  EXPECT_FALSE(mappings->selects("s", "tmp1"));
  EXPECT_TRUE(mappings->selects("s", "orders"));
}

TEST(TableMappings, APercentForTheSchemaCatchesSystemSchemasToo) {
  const auto mappings = parse_table_mappings(R"({"rules":[{"rule-type":"selection","rule-id":"1",
    "object-locator":{"schema-name":"%","table-name":"%"},"rule-action":"include"}]})");
  ASSERT_TRUE(mappings.has_value());
  EXPECT_TRUE(mappings->selects("mysql", "user"));
}

TEST(TableMappings, ExplicitHasNoWildcards) {
  const auto mappings = parse_table_mappings(R"({"rules":[{"rule-type":"selection","rule-id":"1",
    "object-locator":{"schema-name":"s","table-name":"a_c"},"rule-action":"explicit"}]})");
  ASSERT_TRUE(mappings.has_value());
  EXPECT_TRUE(mappings->selects("s", "a_c"));
  EXPECT_FALSE(mappings->selects("s", "abc"));
}

TEST(Patterns, MatchAsDmsWritesThem) {
  EXPECT_TRUE(pattern_matches("%", ""));
  EXPECT_TRUE(pattern_matches("%", "anything"));
  EXPECT_TRUE(pattern_matches("a%c", "abbbc"));
  EXPECT_FALSE(pattern_matches("a%c", "abbb"));
  EXPECT_TRUE(pattern_matches("a_c", "abc"));
  EXPECT_FALSE(pattern_matches("a_c", "ac"));
  EXPECT_TRUE(pattern_matches("a[_]c", "a_c"));
  EXPECT_FALSE(pattern_matches("a[_]c", "abc"));
  EXPECT_TRUE(pattern_matches("t[ab]1", "tb1"));
  EXPECT_TRUE(pattern_matches("t[a-d]1", "tc1"));
  EXPECT_FALSE(pattern_matches("t[a-d]1", "te1"));
  EXPECT_TRUE(pattern_matches("%a%b%", "xxaxxbxx"));
  EXPECT_FALSE(pattern_matches("Persons", "persons"));
  EXPECT_TRUE(pattern_matches("_", "\xC3\xA9"));
  EXPECT_TRUE(pattern_matches("a[b", "a[b"));
  EXPECT_FALSE(pattern_matches("", "a"));
}

TEST(Patterns, OfManyPercentsAreStillQuick) {
  EXPECT_FALSE(pattern_matches("%a%a%a%a%a%a%a%a%a%a%a%ab", std::string(64, 'a')));
}

TEST(BadMappings, SayWhatDmsSays) {
  EXPECT_NE(error_of("{\"rules\": [").find("Invalid Table Mappings document. Invalid json"),
            std::string::npos);
  EXPECT_EQ(error_of("{}"), "Valid Table mappings is required");
  EXPECT_EQ(error_of("[]"), "Valid Table mappings is required");
  EXPECT_EQ(error_of(with_rule(R"({"rule-type":"choice","rule-id":"2"})")),
            "Invalid table mappings document.");
  EXPECT_EQ(
      error_of(with_rule(R"({"rule-type":"selection","rule-id":"2","rule-action":"include"})")),
      "Error in mapping rules. Rule with ruleId = 2 failed validation. object locator cannot be "
      "null");
  EXPECT_EQ(
      error_of(with_rule(R"({"rule-type":"selection","rule-id":"1","rule-action":"include"})")),
      "Error in mapping rules. Duplicate ruleid 1");
  EXPECT_EQ(error_of(R"({"rules":[]})"),
            "Error in mapping rules. At least one selection rule is required.");
  EXPECT_EQ(error_of(R"({"rules":[{"rule-type":"selection","rule-id":"1",
    "object-locator":{"schema-name":"s","table-name":"t"},"rule-action":"exclude"}]})"),
            "Error in mapping rules. At least one selection rule is required.");
}

TEST(BadMappings, NameWhatIsNotBuilt) {
  const std::string filter = R"({"rule-type":"selection","rule-id":"2","rule-action":"include",
    "object-locator":{"schema-name":"s","table-name":"t"},"filters":[{"filter-type":"source"}]})";
  EXPECT_NE(error_of(with_rule(filter))
                .find("\"filters\" is a part of AWS DMS that Sluice does not build yet"),
            std::string::npos);
  const std::string rename =
      R"({"rule-type":"transformation","rule-id":"2","rule-target":"table","rule-action":"rename"})";
  EXPECT_NE(error_of(with_rule(rename)).find("transformation rename"), std::string::npos);
  const std::string view = R"({"rule-type":"selection","rule-id":"2","rule-action":"include",
    "object-locator":{"schema-name":"s","table-name":"t","table-type":"view"}})";
  EXPECT_NE(error_of(with_rule(view)).find("table-type"), std::string::npos);
}

TEST(BadMappings, NeverCrashCutOrChanged) {
  emulator::sim::Random random(11, "mappings");
  for (std::size_t size = 0; size < real_document.size(); ++size) {
    static_cast<void>(parse_table_mappings(real_document.substr(0, size)));
  }
  for (int i = 0; i < 3000; ++i) {
    std::string changed(real_document);
    for (int times = 0; times < 3; ++times) {
      changed[random.below(changed.size())] = static_cast<char>(random.below(256));
    }
    const auto parsed = parse_table_mappings(changed);
    if (parsed) static_cast<void>(parsed->selects("shop", "orders"));
  }
}

}  // namespace
}  // namespace pipeline::dms
