// The record of one event, field for field in the order of AWS's "Event message structure".

#include <algorithm>

#include "emulator/aws/value.h"
#include "emulator/base/json.h"
#include "emulator/base/text.h"
#include "emulator/s3/archive.h"
#include "emulator/s3/notification.h"

namespace emulator::s3 {
namespace {

// Of what is said of the object, not of its bytes: its tags and its ACL.
bool is_of_description(std::string_view event_name) {
  return event_name.starts_with("ObjectTagging:") || event_name.starts_with("ObjectAcl:");
}

// As an HTML form would: a blank is +, '/' stays, the rest is %XX.
std::string form_encoded(const std::string& key) {
  std::string out = base::percent_encode(key, "/ ");
  std::replace(out.begin(), out.end(), ' ', '+');
  return out;
}

// The owner of a bucket goes by an id of their own, and is who completes a restore.
std::string owner_principal(const RecordInput& input) { return "A" + input.account; }

std::string user_principal(const RecordInput& input) {
  if (input.event_name == "ObjectRestore:Completed")
    return "AmazonCustomer:" + owner_principal(input);
  return "AWS:" + input.account;
}

void write_bucket(base::JsonWriter& json, const RecordInput& input, const Object& object) {
  json.key("bucket").object();
  json.key("name").string(object.bucket);
  json.key("ownerIdentity").object().key("principalId").string(owner_principal(input)).end();
  json.key("arn").string("arn:aws:s3:::" + object.bucket);
  json.end();
}

void write_object(base::JsonWriter& json, const RecordInput& input, const Object& object) {
  json.key("object").object();
  json.key("key").string(form_encoded(object.key));
  // A removed object has neither size nor eTag, a delete marker the eTag of nothing; an object that
  // was tagged has an eTag alone, and no place in the order of writes.
  const bool is_marker = input.event_name.ends_with(":DeleteMarkerCreated");
  const bool is_removed = input.event_name.starts_with("ObjectRemoved:");
  const bool is_tagged = is_of_description(input.event_name);
  if (!is_removed && !is_tagged) json.key("size").unsigned_number(object.size);
  if (is_marker)
    json.key("eTag").string("d41d8cd98f00b204e9800998ecf8427e");
  else if (!is_removed)
    json.key("eTag").string(object.etag);
  if (!input.version_id.empty()) json.key("versionId").string(input.version_id);
  if (!is_tagged) json.key("sequencer").string(object.sequencer);
  json.end();
}

void write_restored(base::JsonWriter& json, const Object& object) {
  const auto until = restored_until(object);
  if (!until) return;
  json.key("glacierEventData").object().key("restoreEventData").object();
  json.key("lifecycleRestorationExpiryTime").string(base::iso_millis(*until));
  json.key("lifecycleRestoreStorageClass").string(object.headers.at("x-amz-storage-class"));
  json.end().end();
}

}  // namespace

std::string render_record(const RecordInput& input, const Object& object) {
  base::JsonWriter json;
  json.object().key("Records").array().object();
  // The classic version: filters on == "2.1" exist in the field. Events of tags and
  // ACLs came with a later one.
  const bool is_classic = !is_of_description(input.event_name);
  json.key("eventVersion")
      .string(!input.version.empty() ? input.version
              : is_classic           ? "2.1"
                                     : "2.3");
  json.key("eventSource").string("aws:s3");
  json.key("awsRegion").string(input.region);
  json.key("eventTime").string(base::iso_millis(input.at));
  json.key("eventName").string(input.event_name);
  json.key("userIdentity").object().key("principalId").string(user_principal(input)).end();
  json.key("requestParameters").object().key("sourceIPAddress").string(input.source_ip).end();
  json.key("responseElements").object();
  json.key("x-amz-request-id").string(input.request_id);
  json.key("x-amz-id-2").string(input.host_id);
  json.end();
  json.key("s3").object();
  json.key("s3SchemaVersion").string("1.0");
  json.key("configurationId").string(input.configuration_id);
  write_bucket(json, input, object);
  write_object(json, input, object);
  json.end();
  if (input.event_name == "ObjectRestore:Completed") write_restored(json, object);
  json.end().end().end();
  return json.take();
}

std::string rule_of_record(std::string_view record_json) {
  const auto event = aws::Value::parse_json(record_json);
  const aws::Value* records = event ? event->find("Records") : nullptr;
  if (records == nullptr || records->items().empty()) return {};
  const aws::Value* s3 = records->items().front().find("s3");
  const aws::Value* rule = s3 == nullptr ? nullptr : s3->find("configurationId");
  return rule == nullptr ? std::string() : rule->text();
}

}  // namespace emulator::s3
