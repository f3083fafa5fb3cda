#include "emulator/aws/sigv4.h"

#include <algorithm>
#include <utility>

#include "emulator/base/text.h"

namespace emulator::aws {
namespace {

using base::HashKind;

constexpr std::string_view sha256_of_nothing =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

// Decoded and encoded again, so that it is the same however the client escaped it. A bad escape
// stays as it is: its signature will not hold, and the address is refused later.
void append_encoded_again(std::string& out, std::string_view text, bool plus_is_blank,
                          std::string_view keep) {
  if (text.find('%') == std::string_view::npos && text.find('+') == std::string_view::npos) {
    out += base::percent_encode(text, keep);  // mostly
    return;
  }
  const auto decoded = base::percent_decode(text, plus_is_blank);
  out += base::percent_encode(decoded ? std::string_view(*decoded) : text, keep);
}

void append_canonical_query(std::string& out, std::string_view query) {
  std::vector<std::string> pairs;
  for (std::string_view part : base::split(query, '&')) {
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    const std::string_view name = part.substr(0, equals);
    if (name == "X-Amz-Signature") continue;
    std::string& pair = pairs.emplace_back();
    pair.reserve(part.size() + 1);
    append_encoded_again(pair, name, true, {});
    pair += '\x01';  // below every byte of an encoded name: pairs then sort by name first, by value
                     // second
    if (equals != std::string_view::npos)
      append_encoded_again(pair, part.substr(equals + 1), true, {});
  }
  std::sort(pairs.begin(), pairs.end());
  for (std::string& pair : pairs) {
    if (&pair != &pairs.front()) out += '&';
    pair[pair.find('\x01')] = '=';
    out += pair;
  }
}

// Without outer blanks, and each run of inner ones as one.
void append_collapsed(std::string& out, std::string_view value) {
  bool blank = false;
  for (char c : base::trim(value)) {
    if (c == ' ' && blank) continue;
    blank = c == ' ';
    out += c;
  }
}

void append_header(std::string& out, const base::HttpRequest& request, std::string_view name) {
  out += name;
  out += ':';
  bool first = true;
  for (const auto& [key, value] : request.headers.all()) {
    if (key != name) continue;
    if (!first) out += ',';
    first = false;
    append_collapsed(out, value);
  }
  out += '\n';
}

}  // namespace

std::string canonical_request(const base::HttpRequest& request,
                              const std::vector<std::string>& signed_headers,
                              std::string_view payload_hash) {
  std::string out;
  out.reserve(512 + request.path.size() + request.query.size());
  out += request.method;
  out += '\n';
  append_encoded_again(out, request.path, false, "/");
  out += '\n';
  append_canonical_query(out, request.query);
  out += '\n';
  for (const std::string& name : signed_headers) append_header(out, request, name);
  out += '\n';
  for (std::size_t i = 0; i < signed_headers.size(); ++i) {
    if (i > 0) out += ';';
    out += signed_headers[i];
  }
  out += '\n';
  out += payload_hash;
  return out;
}

std::string string_to_sign(std::string_view timestamp, std::string_view scope,
                           std::string_view canonical) {
  std::string out = "AWS4-HMAC-SHA256\n";
  out += timestamp;
  out += '\n';
  out += scope;
  out += '\n';
  out += base::to_hex(base::hash(HashKind::sha256, canonical));
  return out;
}

std::string signing_key(std::string_view secret, const Credential& credential) {
  std::string key = "AWS4";
  key += secret;
  for (std::string_view part :
       {std::string_view(credential.date), std::string_view(credential.region),
        std::string_view(credential.service), std::string_view("aws4_request")}) {
    key = base::hmac(HashKind::sha256, key, part);
  }
  return key;
}

std::string hex_signature(std::string_view key, std::string_view text) {
  return base::to_hex(base::hmac(HashKind::sha256, key, text));
}

SigningKey::SigningKey(std::string_view secret, const Credential& credential)
    : bytes_(signing_key(secret, credential)), hmac_(HashKind::sha256, bytes_) {}

std::string SigningKey::hex_signature(std::string_view text) {
  return base::to_hex(hmac_.of(text));
}

bool equal_signatures(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  return difference == 0;
}

ChunkSignatures::ChunkSignatures(std::string key, std::string timestamp, std::string scope,
                                 std::string seed)
    : key_(std::move(key)),
      timestamp_(std::move(timestamp)),
      scope_(std::move(scope)),
      previous_(std::move(seed)) {}

bool ChunkSignatures::end_chunk(std::string_view signature) {
  const std::string digest = base::to_hex(data_.finish());
  data_ = base::Hash(HashKind::sha256);
  return check(signature, "AWS4-HMAC-SHA256-PAYLOAD\n" + timestamp_ + "\n" + scope_ + "\n" +
                              previous_ + "\n" + std::string(sha256_of_nothing) + "\n" + digest);
}

bool ChunkSignatures::check_trailers(std::string_view signature, std::string_view trailers) {
  return check(signature, "AWS4-HMAC-SHA256-TRAILER\n" + timestamp_ + "\n" + scope_ + "\n" +
                              previous_ + "\n" +
                              base::to_hex(base::hash(HashKind::sha256, trailers)));
}

bool ChunkSignatures::check(std::string_view signature, const std::string& text) {
  previous_ = hex_signature(key_, text);
  return equal_signatures(signature, previous_);
}

}  // namespace emulator::aws
