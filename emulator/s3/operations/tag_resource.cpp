// The tags of a bucket by way of S3 Control, which Terraform asks for them since 2025:
// ListTagsForResource, TagResource, UntagResource. They are the same as those of GetBucketTagging.

#include <algorithm>

#include "emulator/base/xml.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"
#include "emulator/s3/tags.h"
#include "emulator/s3/xml_document.h"

namespace emulator::s3 {
namespace {

constexpr std::string_view control_namespace = "http://awss3control.amazonaws.com/doc/2018-08-20/";

// "one" of "tags/arn:aws:s3:::one"; other things that have tags are not here.
Result<std::string> tagged_bucket(const Call& call) {
  const std::string_view arn = std::string_view(call.key).substr(call.key.find('/') + 1);
  constexpr std::string_view service = ":s3:::";
  const std::size_t at = arn.find(service);
  if (!arn.starts_with("arn:aws") || at == std::string_view::npos ||
      arn.find('/') != std::string_view::npos) {
    return fail(ErrorCode::not_implemented, std::string(call.operation->name) + ": " +
                                                std::string(arn) +
                                                " is not implemented; only buckets have tags here");
  }
  return std::string(arn.substr(at + service.size()));
}

Result<Tags> tags_of(Call& call, const std::string& bucket) {
  const auto text = call.service.get_bucket_document(bucket, "tagging");
  if (!text && text.error().code == ErrorCode::no_such_bucket)
    return fail(ErrorCode::no_such_resource);
  if (!text) return tl::unexpected(text.error());
  if (text->empty()) return Tags{};
  const auto root = parse_xml(*text, "Tagging");
  if (!root) return tl::unexpected(root.error());
  return parse_tagging(*root, bucket_tags_max);
}

Result<base::HttpResponse> keep(Call& call, const std::string& bucket, const Tags& tags) {
  const auto put = call.service.put_bucket_document(
      bucket, "tagging", tags.empty() ? std::string() : render_tagging(tags));
  if (!put) return tl::unexpected(put.error());
  return empty_response(204);
}

Result<Tags> parse_request(const std::string& body) {
  const auto root = parse_xml(body, "TagResourceRequest");
  if (!root) return tl::unexpected(root.error());
  const XmlElement* given = root->child("Tags");
  if (given == nullptr) return fail(ErrorCode::malformed_xml);
  return parse_tag_set(*given, bucket_tags_max);
}

}  // namespace

Result<base::HttpResponse> rest_list_tags_for_resource(Call& call, const std::string&) {
  const auto bucket = tagged_bucket(call);
  if (!bucket) return tl::unexpected(bucket.error());
  const auto tags = tags_of(call, *bucket);
  if (!tags) return tl::unexpected(tags.error());
  base::XmlWriter xml("ListTagsForResourceResult", control_namespace);
  xml.open("Tags");
  for (const Tag& tag : *tags)
    xml.open("Tag").leaf("Key", tag.key).leaf("Value", tag.value).close();
  return xml_response(xml.take());
}

Result<base::HttpResponse> rest_tag_resource(Call& call, const std::string& body) {
  const auto bucket = tagged_bucket(call);
  if (!bucket) return tl::unexpected(bucket.error());
  auto tags = tags_of(call, *bucket);
  if (!tags) return tl::unexpected(std::move(tags.error()));
  auto given = parse_request(body);
  if (!given) return tl::unexpected(std::move(given.error()));
  for (Tag& tag : *given) {
    const auto known = std::find_if(tags->begin(), tags->end(),
                                    [&](const Tag& other) { return other.key == tag.key; });
    if (known == tags->end())
      tags->push_back(std::move(tag));
    else
      known->value = std::move(tag.value);
  }
  if (tags->size() > bucket_tags_max)
    return fail(ErrorCode::bad_request, "Bucket tag count cannot be greater than 50");
  return keep(call, *bucket, *tags);
}

Result<base::HttpResponse> rest_untag_resource(Call& call, const std::string&) {
  const auto bucket = tagged_bucket(call);
  if (!bucket) return tl::unexpected(bucket.error());
  auto tags = tags_of(call, *bucket);
  if (!tags) return tl::unexpected(std::move(tags.error()));
  for (const auto& [name, value] : call.parameters) {
    if (name == "tagKeys")
      std::erase_if(*tags, [&key = value](const Tag& tag) { return tag.key == key; });
  }
  return keep(call, *bucket, *tags);
}

}  // namespace emulator::s3
