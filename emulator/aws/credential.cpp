#include "emulator/aws/credential.h"

#include <algorithm>
#include <optional>

#include "emulator/base/text.h"

namespace emulator::aws {
namespace {

constexpr std::string_view v4_algorithm = "AWS4-HMAC-SHA256";

AuthError unsupported(std::string message, std::string value) {
  return {AuthCode::invalid_argument,
          std::move(message),
          {{"ArgumentName", "Authorization"}, {"ArgumentValue", std::move(value)}}};
}

std::vector<std::string> header_names(std::string_view list) {
  std::vector<std::string> names;
  for (std::string_view name : base::split(list, ';'))
    names.push_back(base::to_lower(base::trim(name)));
  return names;
}

constexpr std::string_view credential_form =
    "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";

// What is wrong with it, in AWS's words; "" if nothing is.
std::string credential_defect(std::string_view text, Credential& out) {
  if (parse_credential(text, out)) return {};
  const auto parts = base::split(text, '/');
  if (parts.size() != 5) return std::string(credential_form);
  if (parts.back() != "aws4_request") {
    return "incorrect terminal \"" + std::string(parts.back()) +
           "\". This endpoint uses \"aws4_request\".";
  }
  const std::string_view date = parts[parts.size() - 4];
  if (date.size() == 8 && base::parse_unsigned(date)) return std::string(credential_form);
  return "incorrect date format \"" + std::string(date) +
         "\". This date in the credential must be in the format \"yyyyMMdd\".";
}

// Credential=..., SignedHeaders=..., Signature=...: in any order, blanks behind the commas or none.
ClientSignature read_v4_header(std::string_view text) {
  ClientSignature out{
      .form = SignatureForm::v4_header, .credential = {}, .signed_headers = {}, .signature = {}};
  std::optional<std::string_view> credential, signed_headers, signature;
  const auto components = base::split(text, ',');
  for (std::string_view part : components) {
    part = base::trim(part);
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos && components.size() == 3) {
      out.defect = "the authorization component \"" + std::string(part) + "\" is malformed.";
      return out;
    }
    const std::string_view name = part.substr(0, equals);
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : base::trim(part.substr(equals + 1));
    if (name == "Credential") credential = value;
    if (name == "SignedHeaders") signed_headers = value;
    if (name == "Signature") signature = value;
  }
  if (signed_headers) out.signed_headers = header_names(*signed_headers);
  if (signature) out.signature = *signature;
  if (components.size() != 3) {
    out.defect =
        "the authorization header requires three components: Credential, SignedHeaders, and "
        "Signature.";
  } else if (!credential) {
    out.defect = "missing Credential.";
  } else if (!signed_headers || signed_headers->empty()) {
    out.defect = "missing SignedHeaders.";
  } else if (!signature || signature->empty()) {
    out.defect = "missing Signature.";
  } else {
    out.defect = credential_defect(*credential, out.credential);
  }
  return out;
}

ClientSignature read_v2_header(std::string_view text) {
  ClientSignature out{
      .form = SignatureForm::v2_header, .credential = {}, .signed_headers = {}, .signature = {}};
  const std::size_t colon = text.rfind(':');
  out.credential.access_key = base::trim(text.substr(0, colon));
  if (colon != std::string_view::npos) out.signature = base::trim(text.substr(colon + 1));
  if (out.credential.access_key.empty() || out.signature.empty()) {
    out.defect = "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature";
  }
  return out;
}

AuthResult<ClientSignature> read_header(std::string_view header) {
  const std::string_view scheme = header.substr(0, header.find(' '));
  const std::string_view rest = base::trim(header.substr(scheme.size()));
  if (scheme == v4_algorithm) return read_v4_header(rest);
  if (scheme == "AWS") return read_v2_header(rest);
  if (scheme == "AWS4-ECDSA-P256-SHA256") {
    return tl::unexpected(
        AuthError{AuthCode::not_implemented, "SigV4A (AWS4-ECDSA-P256-SHA256) is not implemented"});
  }
  if (scheme.size() == header.size()) {
    return tl::unexpected(
        unsupported("Authorization header is invalid -- one and only one ' ' (space) required",
                    std::string(header)));
  }
  return tl::unexpected(unsupported("Unsupported Authorization Type", std::string(scheme)));
}

ClientSignature read_v4_query(Parameters parameters) {
  ClientSignature out{
      .form = SignatureForm::v4_query, .credential = {}, .signed_headers = {}, .signature = {}};
  constexpr std::string_view needed[] = {"X-Amz-Algorithm",     "X-Amz-Credential",
                                         "X-Amz-Signature",     "X-Amz-Date",
                                         "X-Amz-SignedHeaders", "X-Amz-Expires"};
  for (std::string_view name : needed) {
    if (find_parameter(parameters, name) != nullptr) continue;
    out.defect =
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
        "X-Amz-Signature, X-Amz-Date, "
        "X-Amz-SignedHeaders, and X-Amz-Expires parameters.";
  }
  if (const std::string* text = find_parameter(parameters, "X-Amz-Credential")) {
    const std::string defect = credential_defect(*text, out.credential);
    if (!defect.empty() && out.defect.empty())
      out.defect = "Error parsing the X-Amz-Credential parameter; " + defect;
  }
  if (const std::string* text = find_parameter(parameters, "X-Amz-SignedHeaders"))
    out.signed_headers = header_names(*text);
  if (const std::string* text = find_parameter(parameters, "X-Amz-Signature"))
    out.signature = *text;
  const std::string* algorithm = find_parameter(parameters, "X-Amz-Algorithm");
  if (algorithm != nullptr && *algorithm != v4_algorithm && out.defect.empty()) {
    out.defect = "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"";
  }
  return out;
}

ClientSignature read_v2_query(Parameters parameters) {
  ClientSignature out{
      .form = SignatureForm::v2_query, .credential = {}, .signed_headers = {}, .signature = {}};
  const std::string* key = find_parameter(parameters, "AWSAccessKeyId");
  const std::string* signature = find_parameter(parameters, "Signature");
  if (key == nullptr || signature == nullptr || find_parameter(parameters, "Expires") == nullptr) {
    out.defect =
        "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters";
  }
  if (key != nullptr) out.credential.access_key = *key;
  if (signature != nullptr) out.signature = *signature;
  return out;
}

bool has_v4_query(Parameters parameters) {
  return find_parameter(parameters, "X-Amz-Signature") != nullptr ||
         find_parameter(parameters, "X-Amz-Algorithm") != nullptr;
}

bool has_v2_query(Parameters parameters) {
  return find_parameter(parameters, "Signature") != nullptr &&
         find_parameter(parameters, "AWSAccessKeyId") != nullptr;
}

}  // namespace

const std::string* find_parameter(Parameters parameters, std::string_view name) {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const auto& each) { return each.first == name; });
  return found == parameters.end() ? nullptr : &found->second;
}

std::string Credential::scope() const {
  return date + "/" + region + "/" + service + "/aws4_request";
}

bool parse_credential(std::string_view text, Credential& out) {
  const auto parts = base::split(text, '/');
  const std::size_t count = parts.size();
  if (count < 5 || parts.back() != "aws4_request") return false;
  out.date = parts[count - 4];
  out.region = parts[count - 3];
  out.service = parts[count - 2];
  out.access_key =
      text.substr(0, static_cast<std::size_t>(parts[count - 4].data() - text.data()) - 1);
  const bool is_date = out.date.size() == 8 && base::parse_unsigned(out.date).has_value();
  return is_date && !out.access_key.empty() && !out.region.empty() && !out.service.empty();
}

AuthResult<ClientSignature> read_signature(const base::HttpRequest& request,
                                           Parameters parameters) {
  const std::string_view header = base::trim(request.headers.get("authorization"));
  const bool v4_query = has_v4_query(parameters);
  const bool v2_query = !v4_query && has_v2_query(parameters);
  if (!header.empty() && (v4_query || v2_query)) {
    return tl::unexpected(unsupported(
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature "
        "query string parameter or the Authorization header should be specified",
        std::string(header)));
  }
  if (v4_query) return read_v4_query(parameters);
  if (v2_query) return read_v2_query(parameters);
  if (header.empty()) return ClientSignature{};
  return read_header(header);
}

}  // namespace emulator::aws
