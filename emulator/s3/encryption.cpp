#include "emulator/s3/encryption.h"

#include <array>
#include <optional>

#include "emulator/base/text.h"
#include "emulator/s3/service.h"
#include "emulator/s3/xml_document.h"

namespace emulator::s3 {
namespace {

constexpr const char* key_header = "x-amz-server-side-encryption-aws-kms-key-id";
constexpr const char* bucket_key_header = "x-amz-server-side-encryption-bucket-key-enabled";
constexpr std::string_view aes256 = "AES256";

bool is_kms(std::string_view algorithm) {
  return algorithm == "aws:kms" || algorithm == "aws:kms:dsse";
}

// "" = the key that AWS manages for S3; an id alone or an alias is one of the account's.
std::string key_arn(std::string_view key, const std::string& region, const std::string& account) {
  if (key.starts_with("arn:")) return std::string(key);
  const std::string prefix = "arn:aws:kms:" + region + ":" + account + ":";
  if (key.empty()) return prefix + "alias/aws/s3";
  return prefix + (key.starts_with("alias/") ? "" : "key/") + std::string(key);
}

tl::unexpected<Error> not_supported(std::string_view algorithm) {
  return invalid_argument("The encryption method specified is not supported",
                          std::string(encryption_header), std::string(algorithm));
}

// The rule of the bucket's default; nullopt: it has none.
std::optional<XmlElement> default_rule(const Bucket& bucket) {
  const auto configuration = bucket.configurations.find("encryption");
  if (configuration == bucket.configurations.end()) return std::nullopt;
  auto document = parse_xml(configuration->second, "ServerSideEncryptionConfiguration");
  if (!document || document->children.empty()) return std::nullopt;
  return std::move(document->children.front());
}

bool uses_bucket_key(const std::optional<XmlElement>& rule) {
  return rule &&
         base::equals_ignoring_case(base::trim(rule->child_text("BucketKeyEnabled")), "true");
}

}  // namespace

Result<std::map<std::string, std::string>> requested_encryption(const Call& call) {
  std::map<std::string, std::string> out;
  const std::string_view algorithm = call.header(encryption_header);
  const auto key = call.request.headers.find(key_header);
  if (!algorithm.empty() && algorithm != aes256 && !is_kms(algorithm))
    return not_supported(algorithm);
  if (key && !is_kms(algorithm)) {
    return invalid_argument(
        "Server Side Encryption with AWS KMS managed key requires HTTP header "
        "x-amz-server-side-encryption : aws:kms",
        std::string(encryption_header), std::string(algorithm));
  }
  if (algorithm.empty()) return out;
  out[std::string(encryption_header)] = algorithm;
  if (!is_kms(algorithm)) return out;
  const auto bucket = call.service.head_bucket(call.bucket);
  out[key_header] = key_arn(key.value_or(""), bucket ? bucket->region : "us-east-1",
                            call.service.options().account);
  // What is not said of the bucket's key, the bucket says.
  const std::string_view said = call.header(bucket_key_header);
  if (said.empty() ? bucket && uses_bucket_key(default_rule(*bucket))
                   : base::equals_ignoring_case(said, "true"))
    out[bucket_key_header] = "true";
  return out;
}

void apply_default_encryption(const Bucket& bucket, const std::string& account,
                              std::map<std::string, std::string>& headers) {
  if (headers.count(std::string(encryption_header)) > 0) return;
  const std::optional<XmlElement> rule = default_rule(bucket);
  if (!rule) return;
  const XmlElement* by_default = rule->child("ApplyServerSideEncryptionByDefault");
  if (by_default == nullptr) return;
  const std::string_view algorithm = base::trim(by_default->child_text("SSEAlgorithm"));
  if (!is_kms(algorithm)) return;
  headers[std::string(encryption_header)] = algorithm;
  headers[key_header] =
      key_arn(base::trim(by_default->child_text("KMSMasterKeyID")), bucket.region, account);
  if (uses_bucket_key(rule)) headers[bucket_key_header] = "true";
}

void add_encryption(const std::map<std::string, std::string>& headers, base::Headers& out) {
  // AWS encrypts every object since 2023, and says so.
  auto at = headers.lower_bound(std::string(encryption_header));
  if (at == headers.end() || at->first != encryption_header) {
    out.add(std::string(encryption_header), std::string(aes256));
    return;
  }
  for (; at != headers.end() && at->first.starts_with(encryption_header); ++at)
    out.add(at->first, at->second);
}

}  // namespace emulator::s3
