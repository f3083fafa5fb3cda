#include "emulator/s3/notification.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "emulator/base/json_document.h"
#include "emulator/sim/random.h"
#include "tests/emulator/s3/world.h"

namespace emulator::s3 {
namespace {

const auto everywhere = [](const Notification&) { return std::string(); };

Notification rule_for(std::vector<std::string> events, std::string prefix = {},
                      std::string suffix = {}, std::string id = {}) {
  return {.id = std::move(id),
          .kind = TargetKind::function,
          .arn = function_arn,
          .events = std::move(events),
          .prefix = std::move(prefix),
          .suffix = std::move(suffix)};
}

// "ok", or the message of the error.
std::string verdict(std::vector<Notification> notifications) {
  const auto result = validate({std::move(notifications), false}, everywhere);
  if (result) return "ok";
  return result.error().message.empty() ? result.error().text() : result.error().message;
}

std::string parse_verdict(const std::string& inside) {
  const auto parsed = parse_notification_configuration("<NotificationConfiguration>" + inside +
                                                       "</NotificationConfiguration>");
  return parsed ? "ok" : parsed.error().text();
}

constexpr const char* full_document = R"(<?xml version="1.0"?>
<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <CloudFunctionConfiguration>
    <Id>csv</Id>
    <CloudFunction>arn:aws:lambda:us-east-1:000000000000:function:cdc</CloudFunction>
    <Event>s3:ObjectCreated:Put</Event><Event>s3:ObjectCreated:Copy</Event>
    <Filter><S3Key>
      <FilterRule><Name>prefix</Name><Value>in/</Value></FilterRule>
      <FilterRule><Name>SUFFIX</Name><Value>.csv</Value></FilterRule>
    </S3Key></Filter>
  </CloudFunctionConfiguration>
  <QueueConfiguration><Queue>arn:aws:sqs:us-east-1:000000000000:q</Queue><Event>s3:ObjectRemoved:*</Event></QueueConfiguration>
  <EventBridgeConfiguration/>
</NotificationConfiguration>)";

TEST(NotificationConfiguration, IsReadFromXml) {
  const NotificationConfiguration configuration =
      parse_notification_configuration(full_document).value();
  ASSERT_EQ(configuration.notifications.size(), 2u);
  const Notification& function = configuration.notifications[0];
  EXPECT_EQ(function.id, "csv");
  EXPECT_EQ(function.arn, function_arn);
  EXPECT_EQ(function.events,
            (std::vector<std::string>{"s3:ObjectCreated:Put", "s3:ObjectCreated:Copy"}));
  EXPECT_EQ(function.prefix, "in/");
  EXPECT_EQ(function.suffix, ".csv");
  EXPECT_EQ(configuration.notifications[1].kind, TargetKind::queue);
  EXPECT_TRUE(configuration.event_bridge);
}

TEST(NotificationConfiguration, SurvivesItsOwnXml) {
  const NotificationConfiguration configuration =
      parse_notification_configuration(full_document).value();
  const std::string xml = render_notification_configuration(configuration);
  EXPECT_NE(xml.find("<FilterRule><Name>Prefix</Name><Value>in/</Value></FilterRule>"),
            std::string::npos)
      << xml;
  EXPECT_EQ(render_notification_configuration(parse_notification_configuration(xml).value()), xml);
}

TEST(NotificationConfiguration, IsReadFromTheNamesOfTheJsonToo) {
  EXPECT_EQ(
      parse_verdict(
          "<LambdaFunctionConfiguration><LambdaFunctionArn>a</LambdaFunctionArn><Event>e</Event>"
          "</LambdaFunctionConfiguration>"),
      "ok");
  EXPECT_EQ(
      parse_verdict("<TopicConfiguration><Topic>a</Topic><Event>e</Event></TopicConfiguration>"),
      "ok");
}

TEST(NotificationConfiguration, RefusesBadXml) {
  for (const char* text : {"", "<", "<NotificationConfiguration>", "<Other/>", "plain"}) {
    EXPECT_FALSE(parse_notification_configuration(text)) << text;
  }
  const std::string malformed = Error{ErrorCode::malformed_xml}.text();
  EXPECT_EQ(parse_verdict("<Unknown/>"), malformed);
  EXPECT_EQ(parse_verdict("<QueueConfiguration><Queue>a</Queue></QueueConfiguration>"), malformed)
      << "no event";
  EXPECT_EQ(parse_verdict("<QueueConfiguration><Event>e</Event></QueueConfiguration>"), malformed)
      << "no target";
}

TEST(NotificationConfiguration, RefusesDocumentsDeeperOrLargerThanAnyOfS3) {
  std::string deep, wide;
  for (int i = 0; i < 100000; ++i) deep += "<a>";
  for (int i = 0; i < 100000; ++i) deep += "</a>";
  for (int i = 0; i < 100000; ++i) wide += "<QueueConfiguration/>";
  const std::string malformed = Error{ErrorCode::malformed_xml}.text();
  EXPECT_EQ(parse_verdict(deep), malformed);
  EXPECT_EQ(parse_verdict(wide), malformed);
}

// AWS, recorded: a rule needs both, and one with an empty value is told again.
TEST(NotificationConfiguration, WantsANameAndAValueOfEachRuleAndKeepsAnEmptyOne) {
  const auto with_rule = [](const std::string& rule) {
    return "<NotificationConfiguration><QueueConfiguration><Queue>a</Queue><Event>e</Event><Filter>"
           "<S3Key><FilterRule>" +
           rule + "</FilterRule></S3Key></Filter></QueueConfiguration></NotificationConfiguration>";
  };
  for (const char* bad : {"", "<Name>prefix</Name>", "<Value>a</Value>"})
    EXPECT_EQ(parse_notification_configuration(with_rule(bad)).error().code,
              ErrorCode::malformed_xml);
  const auto empty =
      parse_notification_configuration(with_rule("<Name>suffix</Name><Value></Value>"));
  ASSERT_TRUE(empty.has_value());
  const std::string told = render_notification_configuration(*empty);
  EXPECT_NE(told.find("<FilterRule><Name>Suffix</Name><Value></Value></FilterRule>"),
            std::string::npos)
      << told;
  Notification any = empty->notifications[0];
  any.events = {"s3:ObjectCreated:*"};
  EXPECT_TRUE(matches(any, "ObjectCreated:Put", "a"));
}

TEST(NotificationConfiguration, RefusesBadFilters) {
  const auto with_rules = [](const std::string& rules) {
    return parse_verdict("<QueueConfiguration><Queue>a</Queue><Event>e</Event><Filter><S3Key>" +
                         rules + "</S3Key></Filter></QueueConfiguration>");
  };
  const auto filter = [](const std::string& name, const std::string& value) {
    return "<FilterRule><Name>" + name + "</Name><Value>" + value + "</Value></FilterRule>";
  };
  EXPECT_EQ(with_rules(filter("Prefix", "a") + filter("Suffix", "b")), "ok");
  EXPECT_EQ(with_rules(filter("contains", "a")),
            "InvalidArgument: filter rule name must be either prefix or suffix");
  EXPECT_EQ(with_rules(filter("prefix", "a") + filter("Prefix", "b")),
            "InvalidArgument: Cannot specify more than one prefix rule in a filter.");
  EXPECT_EQ(with_rules(filter("prefix", std::string(1024, 'a'))), "ok");
  EXPECT_EQ(with_rules(filter("prefix", std::string(1025, 'a'))),
            "InvalidArgument: Size of filter rule value cannot exceed 1024 bytes in UTF-8 "
            "representation");
}

TEST(NotificationValidation, KnowsTheEvents) {
  EXPECT_EQ(verdict({rule_for({"s3:ObjectCreated:*", "s3:ObjectRemoved:DeleteMarkerCreated",
                               "s3:LifecycleTransition"})}),
            "ok");
  for (const char* event : {"s3:*", "ObjectCreated:Put", "s3:ObjectCreated", "s3:ObjectCreated:put",
                            "s3:TestEvent", ""}) {
    EXPECT_EQ(verdict({rule_for({event})}),
              std::string("The event '") + event + "' is not supported for notifications");
  }
}

TEST(NotificationValidation, ReadsTheArn) {
  const auto with = [](TargetKind kind, const std::string& arn) {
    Notification notification = rule_for({"s3:ObjectCreated:Put"});
    notification.kind = kind;
    notification.arn = arn;
    return verdict({notification});
  };
  EXPECT_EQ(with(TargetKind::function, "arn:aws:lambda:us-east-1:000000000000:function:f:live"),
            "ok");
  EXPECT_EQ(with(TargetKind::queue, "arn:aws-cn:sqs:cn-north-1:000000000000:q"), "ok");
  for (const char* arn :
       {"f", "arn:aws:lambda:us-east-1:000000000000:f", "arn:aws:sqs:us-east-1:000000000000:q",
        "arn:aws:lambda::000000000000:function:f", "arn:aws:lambda:us-east-1:0:function:f",
        "arn:aws:lambda:us-east-1:000000000000:function:", ":::::"}) {
    EXPECT_EQ(with(TargetKind::function, arn), "The ARN could not be parsed") << arn;
  }
  EXPECT_EQ(with(TargetKind::topic, "arn:aws:sns:us-east-1:000000000000:t.fifo"),
            "FIFO destinations are not supported");
}

TEST(NotificationValidation, RefusesOneIdTwiceAndMoreThanAHundred) {
  EXPECT_EQ(verdict({rule_for({"s3:ObjectCreated:Put"}, "a", "", "x"),
                     rule_for({"s3:ObjectCreated:Put"}, "b", "", "x")}),
            "Same ID used for multiple configurations. IDs must be unique.");
  std::vector<Notification> many;
  for (int i = 100; i < 200; ++i)
    many.push_back(rule_for({"s3:ObjectCreated:Put"}, std::to_string(i)));
  EXPECT_EQ(verdict(many), "ok");
  many.push_back(rule_for({"s3:ObjectCreated:Put"}, "x"));
  EXPECT_NE(verdict(many), "ok");
}

TEST(NotificationValidation, RefusesOverlaps) {
  const std::string plain =
      "Configurations overlap. Configurations on the same bucket cannot share a common event type.";
  const std::string filtered =
      "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the "
      "prefixes are overlapping "
      "for the same event type.";
  const std::vector<std::string> put{"s3:ObjectCreated:Put"}, all{"s3:ObjectCreated:*"},
      removed{"s3:ObjectRemoved:*"};
  EXPECT_EQ(verdict({rule_for(put), rule_for(all)}), plain);
  EXPECT_EQ(verdict({rule_for(all), rule_for(put)}), plain);
  EXPECT_EQ(verdict({rule_for(all), rule_for(removed)}), "ok");
  EXPECT_EQ(verdict({rule_for(put), rule_for({"s3:ObjectCreated:Copy"})}), "ok");
  EXPECT_EQ(verdict({rule_for(put, "in/"), rule_for(put, "in/a")}), filtered);
  EXPECT_EQ(verdict({rule_for(put, "in/"), rule_for(put, "out/")}), "ok");
  EXPECT_EQ(verdict({rule_for(put, "in/"), rule_for(put)}), filtered);
  EXPECT_EQ(verdict({rule_for(put, "", ".csv"), rule_for(put, "", "csv")}), filtered);
  EXPECT_EQ(verdict({rule_for(put, "", ".csv"), rule_for(put, "", ".gz")}), "ok");
  EXPECT_EQ(verdict({rule_for(put, "in/", ".csv"), rule_for(put, "in/", ".gz")}), "ok");
  EXPECT_EQ(verdict({rule_for(put, "in/", ""), rule_for(put, "", ".gz")}), filtered);
}

TEST(NotificationValidation, NamesTheDestinationThatIsNotThere) {
  const auto result = validate(
      {{rule_for({"s3:ObjectCreated:Put"})}, false},
      [](const Notification& each) { return std::string(missing_destination(each.kind)); });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "Unable to validate the following destination configurations");
  EXPECT_EQ(result.error().details.at(0).second, function_arn);
}

TEST(Notification, MatchesDecodedKeysByteForByte) {
  const Notification notification = rule_for({"s3:ObjectCreated:*"}, "dt=2026 01/", ".csv");
  EXPECT_TRUE(matches(notification, "ObjectCreated:Put", "dt=2026 01/a.csv"));
  EXPECT_FALSE(matches(notification, "ObjectCreated:Put", "dt=2026+01/a.csv"));
  EXPECT_FALSE(matches(notification, "ObjectCreated:Put", "dt=2026 01/a.CSV"));
  EXPECT_FALSE(matches(notification, "ObjectRemoved:Delete", "dt=2026 01/a.csv"));
  EXPECT_FALSE(matches(rule_for({"s3:ObjectCreated:Put"}), "ObjectCreated:Copy", "a"));
}

RecordInput record_input(const std::string& event) {
  return {.event_name = event,
          .configuration_id = "rule",
          .at = base::parse_instant("2026-01-02T03:04:05.678Z").value(),
          .region = "us-east-1",
          .request_id = "C3D13FE58DE4C810",
          .host_id = "host"};
}
const Object recorded{.bucket = "b",
                      .key = "a b/c+d=\xC3\xA9.csv",
                      .size = 3,
                      .etag = "abc",
                      .sequencer = "000000000000000A"};

TEST(Record, IsWrittenAsAwsWritesIt) {
  EXPECT_EQ(
      render_record(record_input("ObjectCreated:Put"), recorded),
      R"({"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"us-east-1",)"
      R"("eventTime":"2026-01-02T03:04:05.678Z","eventName":"ObjectCreated:Put",)"
      R"("userIdentity":{"principalId":"AWS:000000000000"},"requestParameters":{"sourceIPAddress":"127.0.0.1"},)"
      R"("responseElements":{"x-amz-request-id":"C3D13FE58DE4C810","x-amz-id-2":"host"},)"
      R"("s3":{"s3SchemaVersion":"1.0","configurationId":"rule","bucket":{"name":"b",)"
      R"("ownerIdentity":{"principalId":"A000000000000"},"arn":"arn:aws:s3:::b"},)"
      R"("object":{"key":"a+b/c%2Bd%3D%C3%A9.csv","size":3,"eTag":"abc","sequencer":"000000000000000A"}}}]})");
}

TEST(Record, OfACompletedRestoreIsOfTheOwner) {
  EXPECT_NE(render_record(record_input("ObjectRestore:Completed"), recorded)
                .find(R"("userIdentity":{"principalId":"AmazonCustomer:A000000000000"})"),
            std::string::npos);
}

TEST(Record, HasTheVersionThatIsAskedFor) {
  RecordInput input = record_input("ObjectCreated:Put");
  input.version = "2.4";
  EXPECT_NE(render_record(input, recorded).find(R"("eventVersion":"2.4")"), std::string::npos);
}

TEST(Record, OfADeleteMarkerHasTheETagOfNothing) {
  const auto json = emulator::base::read_json(
      render_record(record_input("ObjectRemoved:DeleteMarkerCreated"), recorded));
  const auto& object = json["Records"][0]["s3"]["object"];
  EXPECT_EQ(object["eTag"], "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_FALSE(object.contains("size"));
}

TEST(Record, OfARemovedObjectHasNeitherSizeNorETag) {
  const auto json =
      emulator::base::read_json(render_record(record_input("ObjectRemoved:Delete"), recorded));
  const auto& object = json["Records"][0]["s3"]["object"];
  EXPECT_EQ(object.size(), 2u);
  EXPECT_TRUE(object.contains("key") && object.contains("sequencer"));
}

TEST(NotificationConfiguration, AnswersWhateverItIsGiven) {
  sim::Random random(3, "notification");
  const std::string document = full_document;
  for (int i = 0; i < 3000; ++i) {
    std::string text = document.substr(0, random.below(document.size() + 1));
    for (std::uint64_t edits = random.below(4); edits > 0 && !text.empty(); --edits) {
      text[random.below(text.size())] = static_cast<char>(random.next());
    }
    if (const auto parsed = parse_notification_configuration(text)) {
      static_cast<void>(validate(*parsed, everywhere));
      static_cast<void>(render_notification_configuration(*parsed));
    }
  }
}

TEST(Notification, RefusesADestinationInAnotherRegionWhateverIsSkipped) {
  World world;
  world.bucket("one");
  Notification notification{.id = "rule",
                            .kind = TargetKind::queue,
                            .arn = "arn:aws:sqs:eu-west-1:000000000000:q",
                            .events = {"s3:ObjectCreated:*"}};
  for (bool skip : {false, true}) {
    const auto put =
        world.service.put_bucket_notification_configuration("one", {{notification}, false}, skip);
    ASSERT_FALSE(put.has_value());
    EXPECT_EQ(put.error().text(),
              "InvalidArgument: The notification destination service region is not valid for the "
              "bucket location constraint");
  }
}

}  // namespace
}  // namespace emulator::s3
