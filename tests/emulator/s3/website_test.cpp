// What AWS takes and refuses of a website configuration
// (https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketWebsite.html).

#include "emulator/s3/website.h"

#include <gtest/gtest.h>

namespace emulator::s3 {
namespace {

Error website_refusal(const std::string& content) {
  const auto document = parse_xml("<WebsiteConfiguration>" + content + "</WebsiteConfiguration>",
                                  "WebsiteConfiguration");
  if (!document) return document.error();
  const auto checked = check_website(*document);
  return checked ? Error{ErrorCode::not_modified, "fine", {}} : checked.error();
}

std::string website_index(const std::string& suffix = "index.html") {
  return "<IndexDocument><Suffix>" + suffix + "</Suffix></IndexDocument>";
}
std::string website_rule(const std::string& condition, const std::string& redirect) {
  return "<RoutingRule>" + condition + "<Redirect>" + redirect + "</Redirect></RoutingRule>";
}
std::string website_with_rules(const std::string& rules) {
  return website_index() + "<RoutingRules>" + rules + "</RoutingRules>";
}
std::string website_with_code(const std::string& code) {
  return website_with_rules(website_rule({}, "<HttpRedirectCode>" + code + "</HttpRedirectCode>"));
}
std::string website_with_error(const std::string& code) {
  return website_with_rules(website_rule("<Condition><HttpErrorCodeReturnedEquals>" + code +
                                             "</HttpErrorCodeReturnedEquals></Condition>",
                                         "<HostName>h</HostName>"));
}

TEST(Website, TakesAnIndexAnErrorPageAndRules) {
  EXPECT_EQ(website_refusal(website_index()).message, "fine");
  EXPECT_EQ(
      website_refusal(website_index() + "<ErrorDocument><Key>errors/404.html</Key></ErrorDocument>")
          .message,
      "fine");
  EXPECT_EQ(
      website_refusal("<RedirectAllRequestsTo><HostName>h</HostName><Protocol>https</Protocol></"
                      "RedirectAllRequestsTo>")
          .message,
      "fine");
  for (const char* code : {"301", "308"})
    EXPECT_EQ(website_refusal(website_with_code(code)).message, "fine") << code;
  for (const char* code : {"404", "503"})
    EXPECT_EQ(website_refusal(website_with_error(code)).message, "fine") << code;
}

TEST(Website, WantsASuffixAndAKeyThatAreSome) {
  EXPECT_EQ(website_refusal(website_index("/index.html")).message,
            "The IndexDocument Suffix is not well formed");
  EXPECT_EQ(website_refusal(website_index("")).message,
            "The IndexDocument Suffix is not well formed");
  EXPECT_EQ(website_refusal("<ErrorDocument><Key>e</Key></ErrorDocument>").message,
            "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty");
  EXPECT_EQ(website_refusal(website_index() + "<ErrorDocument><Key></Key></ErrorDocument>").message,
            "The ErrorDocument Key is not well formed");
}

TEST(Website, RedirectsAllOrSome) {
  const std::string all = "<RedirectAllRequestsTo><HostName>h</HostName></RedirectAllRequestsTo>";
  EXPECT_EQ(website_refusal(all + website_index()).details.front().second, "RedirectAllRequestsTo");
  EXPECT_EQ(
      website_refusal("<RedirectAllRequestsTo><HostName>h</HostName><Protocol>ftp</Protocol></"
                      "RedirectAllRequestsTo>")
          .code,
      ErrorCode::invalid_request);
}

TEST(Website, RefusesRulesThatAreNone) {
  EXPECT_EQ(website_refusal(website_with_rules(
                                website_rule("<Condition></Condition>", "<HostName>h</HostName>")))
                .code,
            ErrorCode::invalid_request);
  EXPECT_EQ(website_refusal(website_with_rules(website_rule({}, {}))).code,
            ErrorCode::malformed_xml);
  EXPECT_EQ(website_refusal(website_with_rules(website_rule({}, "<Protocol>ftp</Protocol>"))).code,
            ErrorCode::invalid_request);
  EXPECT_EQ(
      website_refusal(
          website_with_rules(website_rule(
              {},
              "<ReplaceKeyWith>a</ReplaceKeyWith><ReplaceKeyPrefixWith>b</ReplaceKeyPrefixWith>")))
          .message,
      "You can only define ReplaceKeyPrefix or ReplaceKey but not both.");
  EXPECT_EQ(website_refusal(website_with_code("300")).message,
            "The provided HTTP redirect code (300) is not valid. Valid codes are 3XX except 300.");
  EXPECT_EQ(website_refusal(website_with_error("399")).message,
            "The provided HTTP error code (399) is not valid. Valid codes are 4XX or 5XX.");
  EXPECT_EQ(website_refusal(website_with_code("many")).code, ErrorCode::malformed_xml);
  std::string rules;
  for (int i = 0; i < 51; ++i) rules += website_rule({}, "<HostName>h</HostName>");
  EXPECT_EQ(website_refusal(website_with_rules(rules)).code, ErrorCode::invalid_request);
}

}  // namespace
}  // namespace emulator::s3
