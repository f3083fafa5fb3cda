#include "emulator/s3/rest.h"

#include <algorithm>
#include <array>
#include <utility>

#include "emulator/base/digest.h"
#include "emulator/base/text.h"
#include "emulator/base/xml.h"
#include "emulator/s3/authorization.h"
#include "emulator/s3/operations/table.h"

namespace emulator::s3 {
namespace {

constexpr std::uint64_t small_body_bytes_max =
    8 * 1024 * 1024;  // 1000 keys of DeleteObjects or 10,000 parts in XML are less

// AWS: "Working with object metadata" tells it of PUT; it holds for every request.
constexpr std::size_t header_bytes_max = 8 * 1024;

std::size_t header_bytes(const base::HttpRequest& request) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : request.headers.all()) bytes += name.size() + value.size() + 4;
  return bytes;  // with ": " and the end of the line
}

base::HttpResponse finished(Call& call, Result<base::HttpResponse> result) {
  base::HttpResponse response = result ? std::move(*result) : error_response(call, result.error());
  response.headers.set("x-amz-request-id", call.ids.request_id);
  response.headers.set("x-amz-id-2", call.ids.host_id);
  add_cors_headers(call, response);
  return response;
}

base::HttpResponse finished_later(std::unique_ptr<Call> call,
                                  std::unique_ptr<base::PendingResponse> answer);

// What every answer bears, on one that comes later, or later still.
class FinishedLater final : public base::PendingResponse {
 public:
  FinishedLater(std::unique_ptr<Call> call, std::unique_ptr<base::PendingResponse> answer)
      : call_(std::move(call)), answer_(std::move(answer)) {}

  void start(std::function<void(base::HttpResponse)> respond) override {
    answer_->start([this, respond = std::move(respond)](base::HttpResponse response) {
      respond(response.pending ? finished_later(std::move(call_), std::move(response.pending))
                               : finished(*call_, std::move(response)));
    });
  }
  base::HttpResponse give_up() override { return finished(*call_, answer_->give_up()); }

 private:
  std::unique_ptr<Call> call_;  // before the answer, which works on it
  std::unique_ptr<base::PendingResponse> answer_;
};

base::HttpResponse finished_later(std::unique_ptr<Call> call,
                                  std::unique_ptr<base::PendingResponse> answer) {
  base::HttpResponse later;
  later.pending = std::make_unique<FinishedLater>(std::move(call), std::move(answer));
  return later;
}

base::Reply reply(std::unique_ptr<Call> call, Result<base::HttpResponse> answer) {
  if (!answer || !answer->pending) return base::Reply::now(finished(*call, std::move(answer)));
  return base::Reply::now(finished_later(std::move(call), std::move(answer->pending)));
}

// The body of an operation that wants it whole.
class WholeBody final : public BodySink {
 public:
  WholeBody(Call& call, const Operation& operation, std::string expected_md5)
      : call_(call), operation_(operation), expected_md5_(std::move(expected_md5)) {}

  Result<void> append(std::string_view bytes) override {
    body_ += bytes;
    return {};
  }
  Result<base::HttpResponse> finish(const VerifiedChecksum&) override {
    if (!expected_md5_.empty() &&
        base::to_hex(base::hash(base::HashKind::md5, body_)) != expected_md5_) {
      return fail(ErrorCode::bad_digest);
    }
    return operation_.answer(call_, body_);
  }

 private:
  Call& call_;
  const Operation& operation_;
  std::string expected_md5_;
  std::string body_;
};

// Between the HTTP server and an operation: pieces as they come off the wire in, verified bytes
// out.
class Receiver final : public base::BodyReceiver {
 public:
  Receiver(std::unique_ptr<Call> call, IncomingBody body, std::unique_ptr<BodySink> sink)
      : call_(std::move(call)), body_(std::move(body)), sink_(std::move(sink)) {}

  std::optional<base::HttpResponse> data(std::string_view piece) override {
    auto taken = body_.take(piece, [this](std::string_view bytes) { return sink_->append(bytes); });
    if (taken) return std::nullopt;
    base::HttpResponse response = finished(*call_, tl::unexpected(std::move(taken.error())));
    response.close = true;  // the rest of the body is still on its way
    return response;
  }
  base::HttpResponse finish() override {
    const auto checksum = body_.finish();
    if (!checksum) return finished(*call_, tl::unexpected(checksum.error()));
    const Service::Gathering gathering(call_->service);
    return finished(*call_, sink_->finish(*checksum));
  }

 private:
  std::unique_ptr<Call> call_;
  IncomingBody body_;
  std::unique_ptr<BodySink> sink_;
};

Result<void> check_owner(const Call& call, std::string_view header) {
  const auto owner = call.request.headers.find(header);
  if (!owner || *owner == call.service.options().account) return {};
  if (owner->size() == 12 && base::parse_unsigned(*owner)) return fail(ErrorCode::access_denied);
  return fail(ErrorCode::invalid_bucket_owner,
              "The value of the expected bucket owner parameter must be an AWS Account ID... [" +
                  std::string(*owner) + "]");
}

Result<const Operation*> begin(Call& call, aws::Authenticator& authenticator) {
  for (const auto& [name, value] : call.parameters) {
    if (name.starts_with("X-Amz-")) continue;  // no name or marker, and most of what links have
    if (!base::is_utf8(name) || !base::is_utf8(value)) return fail(ErrorCode::invalid_uri);
  }
  auto address = find_address(call.request, call.service.options());
  if (!address) return tl::unexpected(std::move(address.error()));
  call.bucket = std::move(address->bucket);
  call.key = std::move(address->key);
  call.is_control = address->is_control;
  if (auto allowed = authorize(call, authenticator); !allowed)
    return tl::unexpected(std::move(allowed.error()));
  const auto operation = find_operation(call);
  if (!operation) return operation;
  call.operation = *operation;
  if (auto allowed = check_anonymous(call, authenticator); !allowed)
    return tl::unexpected(std::move(allowed.error()));
  if (!(*operation)->is_implemented()) {
    return fail(ErrorCode::not_implemented,
                std::string((*operation)->name) + " is not implemented");
  }
  for (const char* header : {"x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"}) {
    if (auto checked = check_owner(call, header); !checked)
      return tl::unexpected(std::move(checked.error()));
  }
  return operation;
}

Result<std::unique_ptr<BodySink>> sink_of(Call& call, const Operation& operation,
                                          const IncomingBody& body) {
  if (operation.body == Operation::Body::streamed) return operation.receive(call, body);
  return std::make_unique<WholeBody>(call, operation, body.expected_md5());
}

// Takes the call only if it succeeds.
Result<base::Reply> receive(std::unique_ptr<Call>& call, const Operation& operation) {
  const bool streamed = operation.body == Operation::Body::streamed;
  const bool is_strict = call->authenticator != nullptr && call->authenticator->is_strict();
  IncomingBody::Options options{.length_required = streamed,
                                .with_default_checksum = streamed,
                                .small_unsigned_chunks = !is_strict,
                                .workers = call->service.options().workers};
  if (!streamed) options.bytes_max = small_body_bytes_max;
  options.checksum_of_body = operation.body != Operation::Body::small_about_object;
  auto body = IncomingBody::begin(call->request, options);
  if (!body) return tl::unexpected(std::move(body.error()));
  if (call->identity.chunks) body->verify_chunks(std::move(*call->identity.chunks));
  auto sink = sink_of(*call, operation, *body);
  if (!sink) return tl::unexpected(std::move(sink.error()));
  return base::Reply::after_body(
      std::make_unique<Receiver>(std::move(call), std::move(*body), std::move(*sink)));
}

// given: nullptr = any key works.
base::Reply handle(Service& service, base::HttpRequest request, aws::Authenticator* given) {
  if (header_bytes(request) > header_bytes_max)
    return base::Reply::now(refuse_request(service, 431, {}, false));
  auto call = std::make_unique<Call>(
      Call{service, std::move(request), service.new_request_ids(), {}, {}, {}});
  call->parameters = call->request.parameters();
  if (!call->request.remote_address.empty()) call->ids.source_ip = call->request.remote_address;
  aws::Authenticator any_key;
  call->authenticator = given;
  const auto operation = begin(*call, given == nullptr ? any_key : *given);
  if (!operation) return base::Reply::now(finished(*call, tl::unexpected(operation.error())));
  if ((*operation)->body == Operation::Body::none) {
    const Service::Gathering gathering(service);
    auto answer = (*operation)->answer(*call, {});
    return reply(std::move(call), std::move(answer));
  }
  auto reply = receive(call, **operation);
  if (!reply) return base::Reply::now(finished(*call, tl::unexpected(std::move(reply.error()))));
  return std::move(*reply);
}

// What the HTTP server found to be no request, by the status that it would answer itself.
struct Refused {
  int http_status;
  bool in_body;
  int answered_by;
  std::string_view code;
  std::string_view message;
  bool with_reason = false;
};
constexpr std::array refusals{
    Refused{400, true, 400, "IncompleteBody",
            "You did not provide the number of bytes specified by the Content-Length HTTP header"},
    Refused{408, true, 400, "RequestTimeout",
            "Your socket connection to the server was not read from or written to within the "
            "timeout period. Idle connections will be closed."},
    Refused{414, false, 414, "RequestURITooLong", "The request URI is too long."},
    Refused{431, false, 400, "RequestHeaderSectionTooLarge",
            "Your request header section exceeds the maximum allowed size."},
    Refused{500, true, 500, "InternalError", "We encountered an internal error. Please try again.",
            true},
    Refused{501, false, 501, "NotImplemented",
            "A header you provided implies functionality that is not implemented", true},
    Refused{400, false, 400, "BadRequest", "An error occurred when parsing the HTTP request", true},
};

const Refused& refused(int http_status, bool in_body) {
  const auto found = std::find_if(refusals.begin(), refusals.end(), [&](const Refused& row) {
    return row.http_status == http_status && row.in_body == in_body;
  });
  return found == refusals.end() ? refusals.back() : *found;
}

}  // namespace

base::Reply handle_rest(Service& service, base::HttpRequest request) {
  return handle(service, std::move(request), nullptr);
}

base::Reply handle_rest(Service& service, base::HttpRequest request,
                        aws::Authenticator& authenticator) {
  return handle(service, std::move(request), &authenticator);
}

base::HttpResponse refuse_request(Service& service, int http_status, const std::string& reason,
                                  bool in_body) {
  const Refused& row = refused(http_status, in_body);
  const RequestIds ids = service.new_request_ids();
  base::XmlWriter xml("Error");
  xml.leaf("Code", row.code)
      .leaf("Message", std::string(row.message) + (row.with_reason ? ": " + reason : ""));
  if (http_status == 431) xml.leaf("MaxSizeAllowed", std::to_string(header_bytes_max));
  xml.leaf("RequestId", ids.request_id).leaf("HostId", ids.host_id);
  base::HttpResponse response = xml_response(xml.take());
  response.status = row.answered_by;
  response.headers.set("x-amz-request-id", ids.request_id);
  response.headers.set("x-amz-id-2", ids.host_id);
  return response;
}

}  // namespace emulator::s3
