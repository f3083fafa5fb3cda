#pragma once
// Who sent a request, and whether to believe it. By default any key works, as local development
// wants; what AWS refuses whatever the key (two mechanisms at once, an expired presigned URL) is
// refused there too. Strict: the keys are known and every signature is verified, SigV4 and SigV2,
// in headers, queries, chunks and forms, with AWS's errors.

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/aws/credential.h"
#include "emulator/aws/sigv4.h"
#include "emulator/base/http_message.h"
#include "emulator/base/time_text.h"

namespace emulator::aws {

struct AuthenticationOptions {
  bool strict = false;
  std::map<std::string, std::string> secrets = {};  // strict: the access keys that are taken
  bool check_clock = true;  // strict: at most 15 minutes between the client's clock and ours
};

struct Identity {
  SignatureForm form = SignatureForm::none;  // none: anonymous
  std::string access_key = {};
  std::string region = {};  // SigV4 only
  std::optional<ChunkSignatures> chunks =
      {};  // strict: what the chunks of a signed aws-chunked body must bear
};

class Authenticator {
 public:
  explicit Authenticator(AuthenticationOptions options = {}) : options_(std::move(options)) {}

  bool is_strict() const { return options_.strict; }

  struct Context {
    base::Instant now{};
    std::string_view bucket_of_host = {};  // SigV2 signs it
    std::string_view service = "s3";
    std::string_view payload_hash =
        {};  // of the body, where the service's clients send no x-amz-content-sha256; in hex
  };
  AuthResult<Identity> authenticate(const base::HttpRequest& request, Parameters parameters,
                                    const Context& context);
  // A browser's form (AWS: "Browser-based uploads using POST"): its fields, names in lower case,
  // sign its policy.
  AuthResult<Identity> authenticate_form(Parameters fields);

 private:
  AuthResult<void> check_v4(const base::HttpRequest& request, const ClientSignature& client,
                            std::string_view timestamp, std::string_view payload_hash,
                            Identity& identity);
  AuthResult<void> check_v4_header(const base::HttpRequest& request, const ClientSignature& client,
                                   const Context& context, Identity& identity);
  AuthResult<void> check_v4_query(const base::HttpRequest& request, Parameters parameters,
                                  const ClientSignature& client, const Context& context,
                                  Identity& identity);
  AuthResult<void> check_v2(const base::HttpRequest& request, Parameters parameters,
                            const ClientSignature& client, const Context& context) const;
  AuthResult<void> check_skew(std::optional<base::Instant> at, std::string_view text,
                              base::Instant now) const;
  AuthResult<const std::string*> secret_of(const std::string& access_key) const;
  AuthResult<SigningKey*> key_of(const Credential& credential);

  AuthenticationOptions options_;
  std::map<std::string, SigningKey>
      keys_;  // signing keys by access key and scope: four HMACs saved a request
};

}  // namespace emulator::aws
