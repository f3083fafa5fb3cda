// An upload from a browser's form (AWS: "POST Object"). The fields come before the file; they say
// what the headers of a PUT would, and their policy says what the form's maker allows.

#include "emulator/base/text.h"
#include "emulator/base/xml.h"
#include "emulator/s3/authorization.h"
#include "emulator/s3/encryption.h"
#include "emulator/s3/form_parser.h"
#include "emulator/s3/object_headers.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/post_policy.h"
#include "emulator/s3/tags.h"
#include "emulator/s3/xml_document.h"

namespace emulator::s3 {
namespace {

std::string field(const FormFields& fields, std::string_view name) {
  for (const auto& [field_name, value] : fields) {
    if (field_name == name) return value;
  }
  return {};
}

// Browsers of old send the whole path.
std::string_view base_name(std::string_view file_name) {
  return file_name.substr(file_name.find_last_of("/\\") + 1);
}

std::string key_of(const FormFields& fields, std::string_view file_name) {
  constexpr std::string_view variable = "${filename}";
  std::string key = field(fields, "key");
  // A file that came as a plain field has no name (AWS, recorded: then the variable stays).
  if (const std::size_t at = key.find(variable); at != std::string::npos && !file_name.empty())
    key.replace(at, variable.size(), base_name(file_name));
  return key;
}

// What a PUT would have had as headers. The form's own headers say nothing of the object, but for
// the browser's origin.
Result<base::Headers> headers_of(const FormFields& fields, const Call& call) {
  base::Headers headers;
  for (const char* name : {"host", "origin"}) {
    if (const auto value = call.request.headers.find(name)) headers.add(name, std::string(*value));
  }
  for (const auto& [name, value] : fields) {
    if (name == "acl") {
      headers.set("x-amz-acl", value);
    } else if (name == "tagging") {
      const auto document = parse_xml(value, "Tagging");
      if (!document) return tl::unexpected(document.error());
      const auto tags = parse_tagging(*document, object_tags_max);
      if (!tags) return tl::unexpected(tags.error());
      if (!tags->empty()) headers.set(tagging_header, render_tagging_header(*tags));
    } else {
      headers.set(name, value);
    }
  }
  return headers;
}

class PostObjectSink final : public BodySink {
 public:
  PostObjectSink(Call& call, FormParser parser) : call_(call), parser_(std::move(parser)) {
    handlers_.begin = [this](const FormFields& fields, const FormParser::File& file) {
      return begin(fields, file);
    };
    handlers_.data = [this](std::string_view bytes) { return take(bytes); };
  }

  Result<void> append(std::string_view bytes) override { return parser_.parse(bytes, handlers_); }

  Result<base::HttpResponse> finish(const VerifiedChecksum&) override {
    if (auto whole = parser_.finish(); !whole) return tl::unexpected(std::move(whole.error()));
    if (size_ < sizes_.min) {
      return tl::unexpected(Error{ErrorCode::entity_too_small,
                                  {},
                                  {{"ProposedSize", std::to_string(size_)},
                                   {"MinSizeAllowed", std::to_string(sizes_.min)}}});
    }
    const std::string checksum = base::to_base64(checksum_->finish());
    if (!expected_checksum_.empty() && checksum != expected_checksum_) {
      return fail(ErrorCode::bad_digest,
                  "The " + std::string(kind_->name) +
                      " you specified did not match the calculated checksum.");
    }
    upload_->headers()[std::string(kind_->header)] = checksum;
    upload_->headers()["x-amz-checksum-type"] = "FULL_OBJECT";
    base::Headers encryption;
    add_encryption(upload_->headers(), encryption);
    const auto stored = upload_->finish();
    if (!stored) return tl::unexpected(stored.error());
    base::HttpResponse response = answer(quoted(stored->etag), stored->version_id);
    add_expiration(stored->expiration, response.headers);
    for (const auto& [name, value] : encryption.all()) response.headers.add(name, value);
    response.headers.add(std::string(kind_->header), checksum);
    response.headers.add("x-amz-checksum-type", "FULL_OBJECT");
    return response;
  }

 private:
  Result<void> begin(const FormFields& fields, const FormParser::File& file) {
    fields_ = fields;
    if (auto allowed = check_allowed(); !allowed) return allowed;
    call_.key = key_of(fields, file.name);
    if (call_.key.empty()) return fail(ErrorCode::user_key_must_be_specified);
    auto headers = headers_of(fields, call_);
    if (!headers) return tl::unexpected(std::move(headers.error()));
    call_.request.headers = std::move(*headers);
    if (auto started = start_checksum(); !started) return started;
    auto stored = stored_headers(call_);
    if (!stored) return tl::unexpected(std::move(stored.error()));
    auto upload = call_.service.begin_put_object({.bucket = call_.bucket,
                                                  .key = call_.key,
                                                  .headers = std::move(*stored),
                                                  .event_name = "ObjectCreated:Post"},
                                                 call_.ids);
    if (!upload) return tl::unexpected(std::move(upload.error()));
    upload_ = std::move(*upload);
    return {};
  }

  // The signature is over the policy, and the policy over the fields.
  Result<void> check_allowed() {
    aws::Authenticator any_key;
    aws::Authenticator& authenticator =
        call_.authenticator == nullptr ? any_key : *call_.authenticator;
    auto identity = authenticator.authenticate_form(fields_);
    if (!identity) return tl::unexpected(s3_error(identity.error()));
    const std::string policy = field(fields_, "policy");
    const bool is_anonymous = identity->form == aws::SignatureForm::none;
    if (authenticator.is_strict() && is_anonymous) return fail(ErrorCode::access_denied);
    if (policy.empty()) {
      if (is_anonymous || !authenticator.is_strict()) return {};
      return invalid_argument(
          "Bucket POST must contain a field named 'policy'.  If it is specified, please check the "
          "order of the fields.",
          "policy", "");
    }
    const auto sizes = check_post_policy(policy, fields_, call_.bucket, call_.service.now());
    if (!sizes) return tl::unexpected(sizes.error());
    sizes_ = *sizes;
    return {};
  }

  Result<void> start_checksum() {
    kind_ = &default_checksum();
    for (const auto& [name, value] : fields_) {
      const ChecksumKind* kind = find_checksum_by_header(name);
      if (is_unknown_checksum_header(name))
        return fail(ErrorCode::not_implemented, name + " is not implemented");
      if (kind == nullptr) continue;
      if (!expected_checksum_.empty()) {
        return fail(
            ErrorCode::invalid_request,
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
      }
      kind_ = kind;
      expected_checksum_ = value;
      const auto bytes = base::from_base64(value);
      if (!bytes || bytes->size() != kind->bytes)
        return fail(ErrorCode::invalid_request, "Value for " + name + " header is invalid.");
    }
    checksum_ = kind_->start();
    return {};
  }

  Result<void> take(std::string_view bytes) {
    size_ += bytes.size();
    if (size_ > sizes_.max) {
      return tl::unexpected(Error{ErrorCode::entity_too_large,
                                  {},
                                  {{"ProposedSize", std::to_string(size_)},
                                   {"MaxSizeAllowed", std::to_string(sizes_.max)}}});
    }
    checksum_->update(bytes);
    return upload_->append(bytes);
  }

  base::HttpResponse answer(const std::string& etag, const std::string& version_id) const {
    const std::string location =
        "http://" + std::string(call_.header("host")) + call_.request.path +
        (call_.request.path.ends_with('/') ? "" : "/") + base::percent_encode(call_.key);
    base::HttpResponse response;
    std::string redirect = field(fields_, "success_action_redirect");
    if (redirect.empty()) redirect = field(fields_, "redirect");
    const std::string status = field(fields_, "success_action_status");
    const bool redirects = redirect.starts_with("http://") || redirect.starts_with("https://");
    if (redirects && redirect.find_first_of("\r\n") == std::string::npos) {
      redirect += redirect.find('?') == std::string::npos ? '?' : '&';
      redirect += "bucket=" + base::percent_encode(call_.bucket) +
                  "&key=" + base::percent_encode(call_.key) + "&etag=" + base::percent_encode(etag);
      response = empty_response(303);
      response.headers.add("location", redirect);
    } else if (status == "201") {
      base::XmlWriter xml("PostResponse");
      xml.leaf("Location", location)
          .leaf("Bucket", call_.bucket)
          .leaf("Key", call_.key)
          .leaf("ETag", etag);
      response = xml_response(xml.take());
      response.status = 201;
      response.headers.add("location", location);
    } else {
      response = empty_response(status == "200" ? 200 : 204);
      response.headers.add("location", location);
    }
    response.headers.add("etag", etag);
    add_version_id(version_id, response.headers);
    return response;
  }

  Call& call_;
  FormParser parser_;
  FormParser::Handlers handlers_;
  FormFields fields_;
  SizeRange sizes_;
  std::uint64_t size_ = 0;
  const ChecksumKind* kind_ = nullptr;
  std::unique_ptr<RunningChecksum> checksum_;
  std::string expected_checksum_;
  std::unique_ptr<Service::Upload> upload_;
};

}  // namespace

Result<std::unique_ptr<BodySink>> rest_post_object(Call& call, const IncomingBody&) {
  auto parser = FormParser::create(call.header("content-type"));
  if (!parser) return tl::unexpected(std::move(parser.error()));
  return std::make_unique<PostObjectSink>(call, std::move(*parser));
}

}  // namespace emulator::s3
