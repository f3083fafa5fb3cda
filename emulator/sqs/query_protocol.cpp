#include "emulator/sqs/query_protocol.h"

#include <array>

#include "emulator/base/xml.h"

namespace emulator::sqs {
namespace {

using aws::Value;

constexpr std::string_view xml_namespace = "http://queue.amazonaws.com/doc/2012-11-05/";

// How a list or a map is called in forms and XML, one element at a time. A map's entries have a key
// and a value.
struct NameRow {
  std::string_view json;
  std::string_view query;
  std::string_view key = {};  // "" = a list
  std::string_view value = {};
};
constexpr std::array name_table{
    NameRow{"AttributeNames", "AttributeName"},
    NameRow{"MessageAttributeNames", "MessageAttributeName"},
    NameRow{"MessageSystemAttributeNames", "MessageSystemAttributeName"},
    NameRow{"TagKeys", "TagKey"},
    NameRow{"Entries", "SendMessageBatchRequestEntry"},
    NameRow{"Entries", "DeleteMessageBatchRequestEntry"},
    NameRow{"Entries", "ChangeMessageVisibilityBatchRequestEntry"},
    NameRow{"Attributes", "Attribute", "Name", "Value"},
    NameRow{"MessageAttributes", "MessageAttribute", "Name", "Value"},
    NameRow{"MessageSystemAttributes", "MessageSystemAttribute", "Name", "Value"},
    NameRow{"Tags", "Tag", "Key", "Value"},
    NameRow{"Messages", "Message"},
    NameRow{"QueueUrls", "QueueUrl"},
    NameRow{"Failed", "BatchResultErrorEntry"},
};

Value renamed(const Value& form);

Value map_of(const NameRow& row, const Value& entries) {
  Value map = Value::object();
  for (const Value& entry : entries.items()) {
    const Value* key = entry.find(row.key);
    const Value* value = entry.find(row.value);
    if (key != nullptr && value != nullptr) map.set(key->text(), renamed(*value));
  }
  return map;
}

Value list_of(const Value& form) {
  Value list = Value::list();
  for (const Value& item : form.items()) list.add(renamed(item));
  return list;
}

Value renamed(const Value& form) {
  if (!form.is(Value::Kind::object)) return form;
  Value out = Value::object();
  for (const auto& [name, value] : form.members()) {
    const NameRow* found = nullptr;
    for (const NameRow& row : name_table) {
      if (row.query == name && value.is(Value::Kind::list)) found = &row;
    }
    if (found == nullptr)
      out.set(name, renamed(value));
    else
      out.set(std::string(found->json),
              found->key.empty() ? list_of(value) : map_of(*found, value));
  }
  return out;
}

// Of a member of the answer; a batch's entries bear the name of their operation.
std::string element_of(std::string_view action, std::string_view member, const NameRow*& row) {
  if (member == "Successful") return std::string(action) + "ResultEntry";
  for (const NameRow& each : name_table) {
    if (each.json == member) {
      row = &each;
      return std::string(each.query);
    }
  }
  return std::string(member);
}

void write(base::XmlWriter& xml, std::string_view action, std::string_view name,
           const Value& value);

void write_members(base::XmlWriter& xml, std::string_view action, const Value& value) {
  for (const auto& [member, each] : value.members()) write(xml, action, member, each);
}

void write(base::XmlWriter& xml, std::string_view action, std::string_view name,
           const Value& value) {
  const NameRow* row = nullptr;
  const std::string element = element_of(action, name, row);
  if (value.is(Value::Kind::list)) {
    for (const Value& item : value.items()) {
      if (!item.is(Value::Kind::object))
        xml.leaf(element, item.text());
      else
        write_members(xml.open(element), action, item), xml.close();
    }
  } else if (value.is(Value::Kind::object) && row != nullptr) {
    for (const auto& [key, each] : value.members()) {
      xml.open(element).leaf(row->key, key);
      write(xml, action, row->value, each);
      xml.close();
    }
  } else if (value.is(Value::Kind::object)) {
    write_members(xml.open(name), action, value);
    xml.close();
  } else {
    xml.leaf(name, value.text());
  }
}

}  // namespace

Result<Value> input_of_form(const std::vector<std::pair<std::string, std::string>>& parameters) {
  const auto form = aws::value_of_form(parameters);
  if (!form) return fail(ErrorCode::malformed_request);
  return renamed(*form);
}

std::string render_xml(std::string_view action, const Value& output,
                       const std::string& request_id) {
  base::XmlWriter xml(std::string(action) + "Response", xml_namespace);
  if (!output.members().empty()) {
    write_members(xml.open(std::string(action) + "Result"), action, output);
    xml.close();
  }
  xml.open("ResponseMetadata").leaf("RequestId", request_id).close();
  return xml.take();
}

std::string render_xml_error(const Error& error, const std::string& request_id) {
  const ErrorRow& row = error_row(error.code);
  base::XmlWriter xml("ErrorResponse", xml_namespace);
  xml.open("Error")
      .leaf("Type", row.http_status < 500 ? "Sender" : "Receiver")
      .leaf("Code", row.query_code);
  xml.leaf("Message", message_of(error)).close();
  xml.leaf("RequestId", request_id);
  return xml.take();
}

}  // namespace emulator::sqs
