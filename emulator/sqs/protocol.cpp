#include "emulator/sqs/protocol.h"

#include <algorithm>
#include <array>
#include <utility>

#include "emulator/base/digest.h"
#include "emulator/base/text.h"
#include "emulator/sqs/operations/table.h"
#include "emulator/sqs/query_protocol.h"

namespace emulator::sqs {
namespace {

using aws::Value;
using base::HttpRequest;
using base::HttpResponse;

constexpr std::size_t body_bytes_max =
    4 * 1024 * 1024;  // a megabyte of messages, each byte as %XX at worst
constexpr std::string_view target_prefix = "AmazonSQS.";

// How the answers to one request look: its protocol, its action, its id.
struct Answerer {
  bool json = false;
  std::string action;
  std::string request_id;

  HttpResponse success(const Value& output) const {
    return response(200, json ? output.json() : render_xml(action, output, request_id));
  }
  HttpResponse failure(const Error& error) const {
    const ErrorRow& row = error_row(error.code);
    if (!json) return response(row.http_status, render_xml_error(error, request_id));
    const Value body = Value::object({{"__type", "com.amazonaws.sqs#" + std::string(row.shape)},
                                      {"message", message_of(error)}});
    HttpResponse out = response(row.http_status, body.json());
    // The codes that clients knew before SQS spoke JSON (AWS: "awsQueryCompatible").
    out.headers.add("x-amzn-query-error", std::string(row.query_code) +
                                              (row.http_status < 500 ? ";Sender" : ";Receiver"));
    return out;
  }
  HttpResponse answer(const Result<Value>& output) const {
    return output ? success(*output) : failure(output.error());
  }

 private:
  HttpResponse response(int status, std::string body) const {
    HttpResponse out;
    out.status = status;
    out.headers.add("content-type", json ? "application/x-amz-json-1.0" : "text/xml");
    out.headers.add("x-amzn-requestid", request_id);
    out.body = std::move(body);
    return out;
  }
};

// ReceiveMessage: a poll of the service, until it answers or the client goes.
class Receiving final : public base::PendingResponse {
 public:
  Receiving(Service& service, Answerer answerer, ReceiveRequest request)
      : service_(service), answerer_(std::move(answerer)), request_(std::move(request)) {}
  ~Receiving() override { service_.cancel_poll(poll_); }

  void start(std::function<void(HttpResponse)> respond) override {
    poll_ = service_.receive_message(
        request_.queue, request_.input,
        [this, respond](const Result<std::vector<Message>>& messages) {
          poll_ = 0;
          respond(messages ? answerer_.success(render_received(request_, *messages))
                           : answerer_.failure(messages.error()));
        });
  }
  HttpResponse give_up() override {
    service_.cancel_poll(std::exchange(poll_, 0));
    return answerer_.success(render_received(request_, {}));
  }

 private:
  Service& service_;
  const Answerer answerer_;
  const ReceiveRequest request_;
  std::uint64_t poll_ = 0;
};

struct CodeRow {
  aws::AuthCode from;
  ErrorCode to;
};
constexpr std::array code_table{
    CodeRow{aws::AuthCode::invalid_access_key_id, ErrorCode::invalid_access_key_id},
    CodeRow{aws::AuthCode::not_implemented, ErrorCode::not_implemented},
    CodeRow{aws::AuthCode::request_time_too_skewed, ErrorCode::request_time_too_skewed},
    CodeRow{aws::AuthCode::signature_does_not_match, ErrorCode::signature_does_not_match},
};

Error error_of(const aws::AuthError& error) {
  const auto row = std::find_if(code_table.begin(), code_table.end(),
                                [&](const CodeRow& each) { return each.from == error.code; });
  return {row == code_table.end() ? ErrorCode::access_denied : row->to, error.message};
}

// The region that the client signed for.
Result<std::string> authorize(const HttpRequest& request, const std::string& body, Service& service,
                              aws::Authenticator& authenticator) {
  const std::string hash = base::to_hex(base::hash(base::HashKind::sha256, body));
  const auto parameters = request.parameters();
  const auto identity = authenticator.authenticate(
      request, parameters, {.now = service.now(), .service = "sqs", .payload_hash = hash});
  if (!identity) return tl::unexpected(error_of(identity.error()));
  if (authenticator.is_strict()) {
    if (identity->form == aws::SignatureForm::none)
      return fail(ErrorCode::access_denied, "Request is missing Authentication Token");
    const auto given = request.headers.find("x-amz-content-sha256");
    if (given && *given != hash && *given != aws::unsigned_payload)
      return fail(ErrorCode::signature_does_not_match);
  }
  const bool named = !identity->region.empty() &&
                     std::all_of(identity->region.begin(), identity->region.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                     });
  return named ? identity->region : "us-east-1";
}

Result<Value> read_input(const HttpRequest& request, const std::string& body, Answerer& answerer) {
  if (answerer.json) {
    auto input = Value::parse_json(body.empty() ? "{}" : body);
    if (input && input->is(Value::Kind::object)) return std::move(*input);
    return fail(ErrorCode::malformed_request);
  }
  HttpRequest form;  // what is in its query and what is in its body is one form
  form.query = request.query.empty() ? body : request.query + "&" + body;
  auto input = input_of_form(form.parameters());
  if (!input) return input;
  const Value* action = input->find("Action");
  answerer.action = action == nullptr ? "" : action->text();
  return input;
}

std::string base_url(const HttpRequest& request) {
  const std::string_view host = request.headers.get("host");
  return "http://" + (host.empty() ? "localhost" : std::string(host));
}

HttpResponse answer(Service& service, const HttpRequest& request, aws::Authenticator& authenticator,
                    const std::string& body) {
  Answerer answerer{.request_id = service.new_request_id()};
  const std::string_view target = request.headers.get("x-amz-target");
  answerer.json = !target.empty();
  if (target.starts_with(target_prefix)) answerer.action = target.substr(target_prefix.size());
  auto input = read_input(request, body, answerer);
  if (!input) return answerer.failure(input.error());
  const auto region = authorize(request, body, service, authenticator);
  if (!region) return answerer.failure(region.error());
  const Operation* operation = find_operation(answerer.action);
  if (operation == nullptr) {
    return answerer.failure({ErrorCode::invalid_action,
                             "The action " + answerer.action + " is not valid for this endpoint."});
  }
  Call call{service, std::move(*input), *region, base_url(request), request.path};
  if (operation->answer != nullptr) return answerer.answer(operation->answer(call));
  if (operation->name != "ReceiveMessage") {
    return answerer.failure(
        {ErrorCode::not_implemented, "sluice does not have " + answerer.action});
  }
  auto receive = read_receive_message(call);
  if (!receive) return answerer.failure(receive.error());
  HttpResponse later;
  later.pending = std::make_unique<Receiving>(service, std::move(answerer), std::move(*receive));
  return later;
}

}  // namespace

base::Reply handle_http(Service& service, const HttpRequest& request,
                        aws::Authenticator& authenticator) {
  const auto too_large = [&service, json = request.headers.has("x-amz-target")] {
    return Answerer{.json = json, .request_id = service.new_request_id()}.failure(
        {ErrorCode::batch_request_too_long});
  };
  return base::collect_body(body_bytes_max, too_large,
                            [&service, &authenticator, request](const std::string& body) {
                              return answer(service, request, authenticator, body);
                            });
}

}  // namespace emulator::sqs
