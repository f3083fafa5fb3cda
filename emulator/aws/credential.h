#pragma once
// What a request says about its signature, read but not yet believed: SigV4 in the Authorization
// header or the query (presigned), SigV2 in either (AWS: "Authenticating requests"). And the errors
// of authentication, which each service renders in its own manner.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "emulator/base/http_message.h"

namespace emulator::aws {

enum class AuthCode {
  access_denied,
  authorization_header_malformed,
  authorization_query_parameters_error,
  invalid_access_key_id,
  invalid_argument,
  invalid_request,
  not_implemented,
  request_time_too_skewed,
  signature_does_not_match,
};

struct AuthError {
  AuthCode code;
  std::string message = {};  // "" = the service's own words for the code
  std::vector<std::pair<std::string, std::string>> details = {};
};
template <class T>
using AuthResult = tl::expected<T, AuthError>;

using Parameters =
    std::span<const std::pair<std::string, std::string>>;  // of a query or a form, decoded
const std::string* find_parameter(Parameters parameters, std::string_view name);

enum class SignatureForm { none, v4_header, v4_query, v2_header, v2_query };

struct Credential {
  std::string access_key;
  std::string date = {};  // yyyymmdd; this and the next are empty for SigV2
  std::string region = {};
  std::string service = {};

  std::string scope() const;  // "20260102/us-east-1/s3/aws4_request"
};

struct ClientSignature {
  SignatureForm form = SignatureForm::none;
  Credential credential;
  std::vector<std::string> signed_headers;  // SigV4: in lower case, in the client's order
  std::string signature;                    // hex for SigV4, base64 for SigV2
  std::string defect = {};                  // what AWS finds malformed; "" = nothing
};

// An error for what is refused even where any key works: two mechanisms at once, or one that is not
// AWS's.
AuthResult<ClientSignature> read_signature(const base::HttpRequest& request, Parameters parameters);

// "AK/20260102/us-east-1/s3/aws4_request"; false if it is not of that form. An access key may hold
// slashes.
bool parse_credential(std::string_view text, Credential& out);

}  // namespace emulator::aws
