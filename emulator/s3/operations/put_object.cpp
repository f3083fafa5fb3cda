#include "emulator/s3/conditions.h"
#include "emulator/s3/encryption.h"
#include "emulator/s3/hashed_body.h"
#include "emulator/s3/names.h"
#include "emulator/s3/object_headers.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"

namespace emulator::s3 {

struct Service::Upload::State {
  Service& service;
  PutObjectInput input;
  RequestIds ids;
  HashedBody body;
};

Service::Upload::Upload(Service& service, PutObjectInput input, RequestIds ids) {
  HashedBody body(service.store_.new_body(input.size), service.options_.workers);
  state_.reset(new State{service, std::move(input), std::move(ids), std::move(body)});
}

Service::Upload::~Upload() = default;

std::map<std::string, std::string>& Service::Upload::headers() { return state_->input.headers; }

Result<void> Service::Upload::append(std::string_view piece) { return state_->body.append(piece); }

Result<PutObjectOutput> Service::Upload::finish() {
  Service& service = state_->service;
  PutObjectInput& input = state_->input;
  auto etag = state_->body.etag(input.expected_md5);
  if (!etag) return tl::unexpected(std::move(etag.error()));
  if (auto held = service.check_conditions_again(input); !held)
    return tl::unexpected(std::move(held.error()));
  const auto body = state_->body.finish();
  if (!body) return tl::unexpected(body.error());
  Object object{
      .bucket = std::move(input.bucket), .key = std::move(input.key), .etag = std::move(*etag)};
  object.headers = std::move(input.headers);
  auto stored =
      service.store_object(std::move(object), *body, input.event_name, state_->ids, "put");
  if (!stored) {
    service.store_.discard(*body);
    return tl::unexpected(std::move(stored.error()));
  }
  std::string expiration = expiration_of(service.lifecycle_rules(stored->bucket), *stored);
  return PutObjectOutput{std::move(stored->etag), std::move(stored->sequencer),
                         std::move(stored->version_id), std::move(expiration)};
}

// Others may have written while the body came. The first write to finish wins, so a newer object
// fails the condition; one that was deleted in between is a conflict, to be tried again (AWS:
// "Conditional writes").
Result<void> Service::check_conditions_again(const PutObjectInput& input) {
  if (!input.conditions.if_match && !input.conditions.if_none_match) return {};
  const auto current = find_object(input.bucket, input.key);
  if (!current) return tl::unexpected(current.error());
  if (input.conditions.if_match && !*current) return fail(ErrorCode::conditional_request_conflict);
  return check_write(input.conditions, input.key, *current);
}

Result<std::unique_ptr<Service::Upload>> Service::begin_put_object(PutObjectInput input,
                                                                   const RequestIds& ids) {
  if (auto key = check_key(input.key); !key) return tl::unexpected(std::move(key.error()));
  const auto bucket = find_bucket(input.bucket);
  if (!bucket) return tl::unexpected(bucket.error());
  if (auto may = check_lock_headers(*bucket, input.headers, now()); !may)
    return tl::unexpected(std::move(may.error()));
  if (input.conditions.if_match || input.conditions.if_none_match) {
    const auto current = find_object(input.bucket, input.key);
    if (!current) return tl::unexpected(current.error());
    if (auto held = check_write(input.conditions, input.key, *current); !held)
      return tl::unexpected(std::move(held.error()));
  }
  std::unique_ptr<Upload> upload(new Upload(*this, std::move(input), ids));
  apply_default_encryption(*bucket, options_.account, upload->headers());
  return upload;
}

Result<PutObjectOutput> Service::put_object(const PutObjectInput& input, std::string_view body) {
  auto upload = begin_put_object(input, new_request_ids());
  if (!upload) return tl::unexpected(std::move(upload.error()));
  if (auto appended = (*upload)->append(body); !appended)
    return tl::unexpected(std::move(appended.error()));
  return (*upload)->finish();
}

namespace {

class PutObjectSink final : public BodySink {
 public:
  explicit PutObjectSink(std::unique_ptr<Service::Upload> upload) : upload_(std::move(upload)) {}

  Result<void> append(std::string_view bytes) override { return upload_->append(bytes); }
  Result<base::HttpResponse> finish(const VerifiedChecksum& checksum) override {
    upload_->headers()[checksum.header] = checksum.value;
    upload_->headers()["x-amz-checksum-type"] = "FULL_OBJECT";
    base::HttpResponse response;
    add_encryption(upload_->headers(), response.headers);
    const auto stored = upload_->finish();
    if (!stored) return tl::unexpected(stored.error());
    response.headers.add("etag", quoted(stored->etag));
    response.headers.add(checksum.header, checksum.value);
    response.headers.add("x-amz-checksum-type", "FULL_OBJECT");
    add_version_id(stored->version_id, response.headers);
    add_expiration(stored->expiration, response.headers);
    return response;
  }

 private:
  std::unique_ptr<Service::Upload> upload_;
};

}  // namespace

Result<std::unique_ptr<BodySink>> rest_put_object(Call& call, const IncomingBody& body) {
  auto headers = stored_headers(call);
  if (!headers) return tl::unexpected(std::move(headers.error()));
  PutObjectInput input{.bucket = call.bucket,
                       .key = call.key,
                       .headers = std::move(*headers),
                       .conditions = conditions_of(call),
                       .size = body.size(),
                       .expected_md5 = body.expected_md5()};
  const bool is_to_lock = has_lock_headers(input.headers);
  auto upload = call.service.begin_put_object(std::move(input), call.ids);
  if (!upload) return tl::unexpected(std::move(upload.error()));
  if (is_to_lock && body.expected_md5().empty() && !body.checksum_is_given()) {
    return fail(ErrorCode::invalid_request,
                "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests "
                "with Object Lock parameters");
  }
  return std::make_unique<PutObjectSink>(std::move(*upload));
}

}  // namespace emulator::s3
