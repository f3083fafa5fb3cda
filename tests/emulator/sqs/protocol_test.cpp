// Both protocols, as the wire has them. What the answers mean to clients is tried in tests/clients.

#include "emulator/sqs/protocol.h"

#include "tests/emulator/sqs/world.h"

namespace emulator::sqs {
namespace {

std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t start = text.find(from);
  if (start == std::string::npos) return "(none)";
  return text.substr(start + from.size(), text.find(to, start) - start - from.size());
}
std::string element(const World::Answer& answer, const std::string& name) {
  return between(answer.body, "<" + name + ">", "</" + name + ">");
}

constexpr const char* url = "http://127.0.0.1:4566/000000000000/q";
const std::string with_url = R"({"QueueUrl":"http://127.0.0.1:4566/000000000000/q")";

TEST(JsonProtocol, CreatesSendsReceivesAndDeletes) {
  World world;
  EXPECT_EQ(
      world.json("CreateQueue", R"({"QueueName":"q","tags":{"team":"data"}})").text("QueueUrl"),
      url);
  const auto sent = world.json("SendMessage", with_url + R"(,"MessageBody":"{\"a\":1}"})");
  EXPECT_EQ(sent.text("MD5OfMessageBody"), "bb6cb5c68df4652941caf652a366f2d8");
  EXPECT_EQ(sent.headers.get("content-type"), "application/x-amz-json-1.0");
  const auto received = world.json(
      "ReceiveMessage", with_url + R"(,"AttributeNames":["All"],"MaxNumberOfMessages":10})");
  const aws::Value body = received.json();
  ASSERT_NE(body.find("Messages"), nullptr) << received.body;
  const aws::Value& message = body.find("Messages")->items().at(0);
  EXPECT_EQ(message.find("Body")->text(), R"({"a":1})");
  EXPECT_EQ(message.find("MD5OfBody")->text(), sent.text("MD5OfMessageBody"));
  EXPECT_EQ(message.find("Attributes")->find("SentTimestamp")->text(), "1767323045678");
  EXPECT_EQ(message.find("Attributes")->find("ApproximateReceiveCount")->text(), "1");
  const std::string handle = message.find("ReceiptHandle")->text();
  EXPECT_EQ(world.json("DeleteMessage", with_url + R"(,"ReceiptHandle":")" + handle + "\"}").status,
            200);
  EXPECT_EQ(world.json("ReceiveMessage", with_url + "}").body, "{}");
  EXPECT_EQ(world.json("ListQueueTags", with_url + "}").body, R"({"Tags":{"team":"data"}})");
}

TEST(JsonProtocol, BearsTheCodesOfBothProtocolsInItsErrors) {
  World world;
  const auto absent = world.json("GetQueueUrl", R"({"QueueName":"q"})");
  EXPECT_EQ(absent.status, 400);
  EXPECT_EQ(absent.text("__type"), "com.amazonaws.sqs#QueueDoesNotExist");
  EXPECT_EQ(absent.headers.get("x-amzn-query-error"),
            "AWS.SimpleQueueService.NonExistentQueue;Sender");
  EXPECT_EQ(world.json("CreateQueue", "{").text("__type"),
            "com.amazonaws.sqs#SerializationException");
  EXPECT_EQ(world.json("CreateQueue", "{}").text("message"),
            "The request must contain the parameter QueueName.");
  EXPECT_EQ(world.json("Nonsense", "{}").text("__type"), "com.amazonaws.sqs#InvalidAction");
  const auto missing = world.json("StartMessageMoveTask", "{}");
  EXPECT_EQ(missing.status, 501);
  EXPECT_EQ(missing.text("message"), "sluice does not have StartMessageMoveTask");
}

TEST(JsonProtocol, AnswersALongPollLater) {
  World world;
  world.create();
  const auto waits = world.json("ReceiveMessage", with_url + R"(,"WaitTimeSeconds":20})");
  EXPECT_EQ(waits.status, 0);
  EXPECT_EQ(world.pending->give_up().body, "{}");
  world.json("ReceiveMessage", with_url + R"(,"WaitTimeSeconds":20})");
  world.pending.reset();  // the client goes
  world.send("a");
  EXPECT_EQ(world.attribute("ApproximateNumberOfMessages"), "1");
}

TEST(JsonProtocol, TellsHowEachEntryOfABatchWent) {
  World world;
  world.create();
  const auto sent = world.json(
      "SendMessageBatch",
      with_url + R"(,"Entries":[{"Id":"1","MessageBody":"a"},{"Id":"2","MessageBody":""}]})");
  const aws::Value body = sent.json();
  EXPECT_EQ(body.find("Successful")->items().size(), 1u);
  const aws::Value& failed = body.find("Failed")->items().at(0);
  EXPECT_EQ(failed.find("Id")->text() + " " + failed.find("Code")->text() + " " +
                failed.find("SenderFault")->text(),
            "2 MissingParameter true");
  EXPECT_EQ(world.json("SendMessageBatch", with_url + R"(,"Entries":[]})").text("__type"),
            "com.amazonaws.sqs#EmptyBatchRequest");
  const std::string same = R"({"Id":"1","MessageBody":"a"})";
  EXPECT_EQ(world.json("SendMessageBatch", with_url + ",\"Entries\":[" + same + "," + same + "]}")
                .text("__type"),
            "com.amazonaws.sqs#BatchEntryIdsNotDistinct");
}

// The value is that of AWS's own SDKs, which compute it anew and compare.
TEST(JsonProtocol, GivesBackMessageAttributesWithTheirMd5) {
  World world;
  world.create();
  const std::string attributes =
      R"({"n":{"DataType":"Number","StringValue":"12"},"b":{"DataType":"Binary","BinaryValue":"AAE="}})";
  const auto sent = world.json(
      "SendMessage", with_url + R"(,"MessageBody":"a","MessageAttributes":)" + attributes + "}");
  EXPECT_EQ(sent.text("MD5OfMessageAttributes").size(), 32u);
  const auto got = world.json("ReceiveMessage", with_url + R"(,"MessageAttributeNames":["All"]})");
  const aws::Value body = got.json();
  const aws::Value& message = body.find("Messages")->items().at(0);
  EXPECT_EQ(
      message.find("MessageAttributes")->json(),
      R"({"b":{"BinaryValue":"AAE=","DataType":"Binary"},"n":{"DataType":"Number","StringValue":"12"}})");
  EXPECT_EQ(message.find("MD5OfMessageAttributes")->text(), sent.text("MD5OfMessageAttributes"));
}

TEST(QueryProtocol, CreatesSendsReceivesAndDeletes) {
  World world;
  const auto created = world.form(
      "Action=CreateQueue&Version=2012-11-05&QueueName=q&Attribute.1.Name=VisibilityTimeout&"
      "Attribute.1.Value=7");
  EXPECT_EQ(element(created, "QueueUrl"), url);
  EXPECT_TRUE(created.body.find(
                  "<CreateQueueResponse "
                  "xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><CreateQueueResult>") !=
              std::string::npos)
      << created.body;
  const auto sent = world.form("Action=SendMessage&MessageBody=a%26b", "/000000000000/q");
  EXPECT_EQ(element(sent, "MD5OfMessageBody").size(), 32u);
  const auto received =
      world.form(std::string("Action=ReceiveMessage&AttributeName.1=All&QueueUrl=") + url);
  EXPECT_EQ(element(received, "Body"), "a&amp;b");
  EXPECT_NE(received.body.find(
                "<Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute>"),
            std::string::npos);
  const std::string handle = base::percent_encode(element(received, "ReceiptHandle"));
  EXPECT_EQ(world
                .form("Action=DeleteMessageBatch&DeleteMessageBatchRequestEntry.1.Id=x&"
                      "DeleteMessageBatchRequestEntry.1.ReceiptHandle=" +
                          handle,
                      "/000000000000/q")
                .body.find("<BatchResultErrorEntry>"),
            std::string::npos);
  EXPECT_EQ(world.attribute("ApproximateNumberOfMessagesNotVisible"), "0");
  const auto all = world.form(
      "Action=GetQueueAttributes&AttributeName.1=VisibilityTimeout&AttributeName.2=QueueArn",
      "/000000000000/q");
  EXPECT_NE(all.body.find("<Attribute><Name>VisibilityTimeout</Name><Value>7</Value></Attribute>"),
            std::string::npos)
      << all.body;
}

TEST(QueryProtocol, RendersErrorsAsItAlwaysDid) {
  World world;
  const auto absent = world.form("Action=GetQueueUrl&QueueName=q");
  EXPECT_EQ(absent.status, 400);
  EXPECT_EQ(element(absent, "Code"), "AWS.SimpleQueueService.NonExistentQueue");
  EXPECT_EQ(element(absent, "Type"), "Sender");
  EXPECT_EQ(element(world.form(""), "Code"), "InvalidAction");
  EXPECT_EQ(element(world.form("a..b=1"), "Code"), "MalformedInput");
}

TEST(Strict, RefusesWhoIsNotSigned) {
  World world;
  world.authenticator = aws::Authenticator({.strict = true, .secrets = {{"test", "test"}}});
  EXPECT_EQ(world.json("ListQueues", "{}").status, 403);
}

}  // namespace
}  // namespace emulator::sqs
