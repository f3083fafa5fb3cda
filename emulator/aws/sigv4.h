#pragma once
// Signature Version 4: the texts that are signed and the key they are signed with, as S3 does it
// (AWS: "Signature Calculations for the Authorization Header", "... in Multiple Chunks"). Pure: no
// clock, no keys of its own.

#include <string>
#include <string_view>
#include <vector>

#include "emulator/aws/credential.h"
#include "emulator/base/digest.h"
#include "emulator/base/hmac.h"
#include "emulator/base/http_message.h"

namespace emulator::aws {

inline constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";

// The path is encoded once and never normalised, unlike in AWS's other services; the query's own
// signature is left out.
std::string canonical_request(const base::HttpRequest& request,
                              const std::vector<std::string>& signed_headers,
                              std::string_view payload_hash);
// timestamp: 20260102T030405Z.
std::string string_to_sign(std::string_view timestamp, std::string_view scope,
                           std::string_view canonical);
std::string signing_key(std::string_view secret, const Credential& credential);  // raw
std::string hex_signature(std::string_view signing_key, std::string_view text);
// A signing key that is used again and again: all requests of a day and a region.
class SigningKey {
 public:
  SigningKey(std::string_view secret, const Credential& credential);
  std::string hex_signature(std::string_view text);
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  base::Hmac hmac_;
};
// Takes the same time wherever the two differ.
bool equal_signatures(std::string_view a, std::string_view b);

// The signatures inside an aws-chunked body: each chunk's builds on the one before, the first on
// the header's.
class ChunkSignatures {
 public:
  ChunkSignatures(std::string key, std::string timestamp, std::string scope, std::string seed);

  // Data of the chunk that is coming in, as it comes.
  void update(std::string_view bytes) { data_.update(bytes); }
  // The chunk's data is complete: does its signature hold?
  bool end_chunk(std::string_view signature);
  // trailers: "name:value\n" of each, as they came.
  bool check_trailers(std::string_view signature, std::string_view trailers);

 private:
  bool check(std::string_view signature, const std::string& text);

  std::string key_;
  std::string timestamp_;
  std::string scope_;
  std::string previous_;
  base::Hash data_{base::HashKind::sha256};
};

}  // namespace emulator::aws
