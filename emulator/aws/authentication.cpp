#include "emulator/aws/authentication.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "emulator/aws/sigv2.h"
#include "emulator/base/text.h"

namespace emulator::aws {
namespace {

using base::Instant;
using std::chrono::seconds;

constexpr seconds skew_max{15 * 60};
constexpr std::int64_t expires_max = 7 * 24 * 60 * 60;
constexpr std::size_t cached_keys_max = 256;

tl::unexpected<AuthError> refuse(AuthCode code, std::string message = {},
                                 std::vector<std::pair<std::string, std::string>> details = {}) {
  return tl::unexpected(AuthError{code, std::move(message), std::move(details)});
}

std::string whole_seconds(Instant at) {
  std::string text = base::iso_millis(at);
  return text.substr(0, 19) + "Z";
}

// 20260102T030405Z
std::optional<Instant> parse_timestamp(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  std::string iso = "0000-00-00T00:00:00Z";
  std::size_t from = 0;
  for (char& c : iso) {
    if (c == '0') c = text[from == 8 ? ++from : from], ++from;
  }
  return base::parse_instant(iso);
}

std::string timestamp_of(Instant at) {
  std::string out;
  for (char c : whole_seconds(at)) {
    if (c != '-' && c != ':') out += c;
  }
  return out;
}

bool is_query(SignatureForm form) {
  return form == SignatureForm::v4_query || form == SignatureForm::v2_query;
}
bool is_v4(SignatureForm form) {
  return form == SignatureForm::v4_header || form == SignatureForm::v4_query;
}

tl::unexpected<AuthError> malformed(const ClientSignature& client, const std::string& what) {
  if (client.form == SignatureForm::v4_header) {
    return refuse(AuthCode::authorization_header_malformed,
                  "The authorization header is malformed; " + what);
  }
  if (client.form == SignatureForm::v4_query)
    return refuse(AuthCode::authorization_query_parameters_error, what);
  if (client.form == SignatureForm::v2_header)
    return refuse(AuthCode::invalid_argument, what, {{"ArgumentName", "Authorization"}});
  return refuse(AuthCode::access_denied, what);
}

AuthResult<std::int64_t> read_expires(const ClientSignature& client, Parameters parameters) {
  const auto bad = [&](const char* what) { return malformed(client, what); };
  const auto value = base::parse_integer(*find_parameter(parameters, "X-Amz-Expires"));
  if (!value) return bad("X-Amz-Expires should be a number");
  if (*value < 0) return bad("X-Amz-Expires must be non-negative");
  if (*value > expires_max) {
    return bad(
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires "
        "must be less than "
        "604800 seconds");
  }
  return *value;
}

tl::unexpected<AuthError> expired(Instant until, Instant now,
                                  std::vector<std::pair<std::string, std::string>> details = {}) {
  details.emplace_back("Expires", whole_seconds(until));
  details.emplace_back("ServerTime", whole_seconds(now));
  return refuse(AuthCode::access_denied, "Request has expired", std::move(details));
}

AuthResult<void> check_expiry_v4(const ClientSignature& client, Parameters parameters,
                                 Instant now) {
  const auto signed_at = parse_timestamp(*find_parameter(parameters, "X-Amz-Date"));
  if (!signed_at) {
    return malformed(client,
                     "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  }
  const auto expires = read_expires(client, parameters);
  if (!expires) return tl::unexpected(expires.error());
  const Instant until = *signed_at + seconds(*expires);
  if (now < until) return {};
  return expired(until, now, {{"X-Amz-Expires", std::to_string(*expires)}});
}

// Expires is in seconds since 1970.
AuthResult<void> check_expiry_v2(Parameters parameters, Instant now) {
  constexpr std::int64_t year_9999 = 253402300799;
  const auto until = base::parse_integer(*find_parameter(parameters, "Expires"));
  if (!until || *until > year_9999)
    return refuse(AuthCode::access_denied, "Invalid date (should be seconds since epoch)");
  const Instant at{seconds(std::max<std::int64_t>(*until, 0))};
  if (now < at) return {};
  return expired(at, now);
}

// A presigned URL that has run out is refused whatever its key.
AuthResult<void> check_expiry(const ClientSignature& client, Parameters parameters, Instant now) {
  if (!is_query(client.form)) return {};
  if (!client.defect.empty()) return malformed(client, client.defect);
  return client.form == SignatureForm::v4_query ? check_expiry_v4(client, parameters, now)
                                                : check_expiry_v2(parameters, now);
}

bool is_payload_hash(std::string_view text) {
  if (text == unsigned_payload || text.starts_with("STREAMING-")) return true;
  return text.size() == 64 &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

// As AWS shows what was signed, so that a blank or a line end can be told from another.
std::string bytes_in_hex(std::string_view text) {
  std::string out;
  for (const char c : text)
    out += fmt::format("{}{:02x}", out.empty() ? "" : " ", static_cast<unsigned char>(c));
  return out;
}

tl::unexpected<AuthError> missing_field(const char* name) {
  return refuse(AuthCode::invalid_argument,
                fmt::format("Bucket POST must contain a field named '{}'.  If it is specified, "
                            "please check the order of the fields.",
                            name),
                {{"ArgumentName", name}, {"ArgumentValue", ""}});
}

// What a signature must cover: the host, and every header that S3 acts on.
AuthResult<void> check_signed_headers(const base::HttpRequest& request,
                                      const ClientSignature& client) {
  const auto is_signed = [&](std::string_view name) {
    return std::find(client.signed_headers.begin(), client.signed_headers.end(), name) !=
           client.signed_headers.end();
  };
  std::string missing = is_signed("host") ? "" : "host";
  for (const auto& [name, value] : request.headers.all()) {
    // The digest of the payload is in the canonical request as such.
    if (!name.starts_with("x-amz-") || name == "x-amz-content-sha256" || is_signed(name)) continue;
    if (!missing.empty()) missing += ", ";
    missing += name;
  }
  if (missing.empty()) return {};
  return refuse(AuthCode::access_denied,
                "There were headers present in the request which were not signed",
                {{"HeadersNotSigned", missing}});
}

// Clients that hold headers as text sign their UTF-8, and some then send their Latin-1 (Python's
// http.client does). AWS reads the bytes of headers as Latin-1 (AWS: "Working with object
// metadata", its example of non-ASCII values), so that such a signature holds there. All else of a
// canonical request is ASCII.
bool holds_for_latin1(std::string_view canonical, std::string_view timestamp,
                      std::string_view scope, std::string_view signature, SigningKey& key) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::all_of(canonical.begin(), canonical.end(), is_ascii)) return false;
  std::string read;
  for (const char c : canonical) {
    if (is_ascii(c)) {
      read += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    read += static_cast<char>(0xC0 | (byte >> 6));
    read += static_cast<char>(0x80 | (byte & 0x3F));
  }
  return equal_signatures(signature, key.hex_signature(string_to_sign(timestamp, scope, read)));
}

}  // namespace

AuthResult<Identity> Authenticator::authenticate(const base::HttpRequest& request,
                                                 Parameters parameters, const Context& context) {
  auto client = read_signature(request, parameters);
  if (!client) return tl::unexpected(std::move(client.error()));
  Identity identity{.form = client->form,
                    .access_key = client->credential.access_key,
                    .region = client->credential.region};
  if (auto live = check_expiry(*client, parameters, context.now); !live)
    return tl::unexpected(std::move(live.error()));
  if (!options_.strict || client->form == SignatureForm::none) return identity;
  if (!client->defect.empty()) return malformed(*client, client->defect);
  if (is_v4(client->form) && client->credential.service != context.service) {
    return malformed(*client,
                     fmt::format("incorrect service \"{}\". This endpoint belongs to \"{}\".",
                                 client->credential.service, context.service));
  }
  AuthResult<void> checked;
  if (client->form == SignatureForm::v4_header)
    checked = check_v4_header(request, *client, context, identity);
  else if (client->form == SignatureForm::v4_query)
    checked = check_v4_query(request, parameters, *client, context, identity);
  else
    checked = check_v2(request, parameters, *client, context);
  if (!checked) return tl::unexpected(std::move(checked.error()));
  return identity;
}

AuthResult<const std::string*> Authenticator::secret_of(const std::string& access_key) const {
  const auto found = options_.secrets.find(access_key);
  if (found != options_.secrets.end()) return &found->second;
  return refuse(AuthCode::invalid_access_key_id, {}, {{"AWSAccessKeyId", access_key}});
}

AuthResult<SigningKey*> Authenticator::key_of(const Credential& credential) {
  const auto secret = secret_of(credential.access_key);
  if (!secret) return tl::unexpected(secret.error());
  const std::string name = credential.access_key + "/" + credential.scope();
  const auto known = keys_.find(name);
  if (known != keys_.end()) return &known->second;
  if (keys_.size() >= cached_keys_max) keys_.clear();  // days and regions that are gone
  return &keys_.try_emplace(name, **secret, credential).first->second;
}

AuthResult<void> Authenticator::check_skew(std::optional<Instant> at, std::string_view text,
                                           Instant now) const {
  if (!at || *at < Instant{})
    return refuse(AuthCode::access_denied,
                  "AWS authentication requires a valid Date or x-amz-date header");
  if (!options_.check_clock || (now - *at <= skew_max && *at - now <= skew_max)) return {};
  return refuse(AuthCode::request_time_too_skewed, {},
                {{"RequestTime", std::string(text)},
                 {"ServerTime", whole_seconds(now)},
                 {"MaxAllowedSkewMilliseconds",
                  std::to_string(std::chrono::milliseconds(skew_max).count())}});
}

AuthResult<void> Authenticator::check_v4_header(const base::HttpRequest& request,
                                                const ClientSignature& client,
                                                const Context& context, Identity& identity) {
  const auto amz_date = request.headers.find("x-amz-date");
  const std::string_view text = amz_date ? *amz_date : request.headers.get("date");
  auto at = parse_timestamp(text);
  if (!at) at = base::parse_http_date(text);
  if (auto checked = check_skew(at, text, context.now); !checked) return checked;
  const std::string timestamp = timestamp_of(*at);
  if (!timestamp.starts_with(client.credential.date)) {
    return malformed(
        client,
        fmt::format(
            "Invalid credential date \"{}\". This date is not the same as X-Amz-Date: \"{}\".",
            client.credential.date, timestamp.substr(0, 8)));
  }
  const auto payload = request.headers.find("x-amz-content-sha256");
  if (!payload && context.payload_hash.empty()) {
    return refuse(AuthCode::invalid_request,
                  "Missing required header for this request: x-amz-content-sha256");
  }
  if (payload && !is_payload_hash(*payload)) {
    return refuse(
        AuthCode::invalid_argument,
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid "
        "sha256 value.",
        {{"ArgumentName", "x-amz-content-sha256"}, {"ArgumentValue", std::string(*payload)}});
  }
  return check_v4(request, client, timestamp, payload.value_or(context.payload_hash), identity);
}

AuthResult<void> Authenticator::check_v4_query(const base::HttpRequest& request,
                                               Parameters parameters, const ClientSignature& client,
                                               const Context& context, Identity& identity) {
  const std::string& timestamp = *find_parameter(parameters, "X-Amz-Date");
  if (!timestamp.starts_with(client.credential.date)) {
    return malformed(
        client,
        fmt::format(
            "Invalid credential date \"{}\". This date is not the same as X-Amz-Date: \"{}\".",
            client.credential.date, timestamp.substr(0, 8)));
  }
  if (options_.check_clock && *parse_timestamp(timestamp) - context.now > skew_max) {
    return refuse(AuthCode::access_denied, "Request is not valid yet",
                  {{"X-Amz-Date", timestamp}, {"ServerTime", whole_seconds(context.now)}});
  }
  std::string_view payload = request.headers.get("x-amz-content-sha256");
  if (const std::string* given = find_parameter(parameters, "X-Amz-Content-Sha256"))
    payload = *given;
  return check_v4(request, client, timestamp, payload.empty() ? unsigned_payload : payload,
                  identity);
}

AuthResult<void> Authenticator::check_v4(const base::HttpRequest& request,
                                         const ClientSignature& client, std::string_view timestamp,
                                         std::string_view payload_hash, Identity& identity) {
  const auto key = key_of(client.credential);
  if (!key) return tl::unexpected(key.error());
  if (auto checked = check_signed_headers(request, client); !checked) return checked;
  const std::string scope = client.credential.scope();
  const std::string canonical = canonical_request(request, client.signed_headers, payload_hash);
  const std::string text = string_to_sign(timestamp, scope, canonical);
  if (!equal_signatures(client.signature, (*key)->hex_signature(text)) &&
      !holds_for_latin1(canonical, timestamp, scope, client.signature, **key)) {
    return refuse(AuthCode::signature_does_not_match, {},
                  {{"AWSAccessKeyId", client.credential.access_key},
                   {"StringToSign", text},
                   {"SignatureProvided", client.signature},
                   {"StringToSignBytes", bytes_in_hex(text)},
                   {"CanonicalRequest", canonical},
                   {"CanonicalRequestBytes", bytes_in_hex(canonical)}});
  }
  if (payload_hash.starts_with("STREAMING-")) {
    identity.chunks.emplace((*key)->bytes(), std::string(timestamp), scope, client.signature);
  }
  return {};
}

AuthResult<void> Authenticator::check_v2(const base::HttpRequest& request, Parameters parameters,
                                         const ClientSignature& client,
                                         const Context& context) const {
  const auto secret = secret_of(client.credential.access_key);
  if (!secret) return tl::unexpected(secret.error());
  std::string date_line;
  if (client.form == SignatureForm::v2_query) {
    date_line = *find_parameter(parameters, "Expires");
  } else {
    // The Date header is signed unless x-amz-date stands in for it.
    const auto amz_date = request.headers.find("x-amz-date");
    const std::string_view date = amz_date ? *amz_date : request.headers.get("date");
    if (auto checked = check_skew(base::parse_http_date(date), date, context.now); !checked)
      return checked;
    if (!amz_date) date_line = date;
  }
  const std::string text =
      string_to_sign_v2(request, parameters, date_line, context.bucket_of_host);
  if (equal_signatures(client.signature, base64_signature(**secret, text))) return {};
  if (request.path.size() > 1 && request.path.find('/', 1) == std::string::npos) {
    // botocore signs a bucket's path with a slash behind it, and sends it without.
    base::HttpRequest with_slash = request;
    with_slash.path += '/';
    const std::string other =
        string_to_sign_v2(with_slash, parameters, date_line, context.bucket_of_host);
    if (equal_signatures(client.signature, base64_signature(**secret, other))) return {};
  }
  return refuse(AuthCode::signature_does_not_match, {},
                {{"AWSAccessKeyId", client.credential.access_key},
                 {"StringToSign", text},
                 {"SignatureProvided", client.signature},
                 {"StringToSignBytes", bytes_in_hex(text)}});
}

AuthResult<Identity> Authenticator::authenticate_form(Parameters fields) {
  const auto field = [&](std::string_view name) {
    const std::string* value = find_parameter(fields, name);
    return value == nullptr ? std::string() : *value;
  };
  const std::string policy = field("policy");
  Identity identity;
  ClientSignature client;
  if (find_parameter(fields, "x-amz-signature") != nullptr ||
      find_parameter(fields, "x-amz-credential") != nullptr) {
    client.form = identity.form = SignatureForm::v4_query;
    client.signature = field("x-amz-signature");
    for (const char* name : {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date"}) {
      if (options_.strict && find_parameter(fields, base::to_lower(name)) == nullptr)
        return missing_field(name);
    }
    const bool holds = parse_credential(field("x-amz-credential"), client.credential) &&
                       field("x-amz-algorithm") == "AWS4-HMAC-SHA256" &&
                       parse_timestamp(field("x-amz-date"));
    if (!holds && options_.strict) {
      return refuse(AuthCode::authorization_query_parameters_error,
                    "A form that is signed with version 4 has the fields X-Amz-Algorithm, "
                    "X-Amz-Credential, X-Amz-Date and "
                    "X-Amz-Signature.");
    }
  } else if (find_parameter(fields, "awsaccesskeyid") != nullptr) {
    client.form = identity.form = SignatureForm::v2_query;
    client.credential.access_key = field("awsaccesskeyid");
    client.signature = field("signature");
  } else if (options_.strict && find_parameter(fields, "signature") != nullptr) {
    return missing_field("AWSAccessKeyId");
  }
  identity.access_key = client.credential.access_key;
  identity.region = client.credential.region;
  if (client.form != SignatureForm::none && client.signature.empty()) {
    return missing_field(client.form == SignatureForm::v4_query ? "X-Amz-Signature" : "Signature");
  }
  if (!options_.strict || client.form == SignatureForm::none) return identity;
  std::string expected;
  if (client.form == SignatureForm::v4_query) {
    const auto key = key_of(client.credential);
    if (!key) return tl::unexpected(key.error());
    expected = (*key)->hex_signature(policy);
  } else {
    const auto secret = secret_of(client.credential.access_key);
    if (!secret) return tl::unexpected(secret.error());
    expected = base64_signature(**secret, policy);
  }
  if (equal_signatures(client.signature, expected)) return identity;
  return refuse(AuthCode::signature_does_not_match, {},
                {{"AWSAccessKeyId", client.credential.access_key},
                 {"StringToSign", policy},
                 {"SignatureProvided", client.signature},
                 {"StringToSignBytes", bytes_in_hex(policy)}});
}

}  // namespace emulator::aws
