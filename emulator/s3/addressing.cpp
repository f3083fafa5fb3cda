#include "emulator/s3/addressing.h"

#include <algorithm>
#include <array>
#include <utility>

#include "emulator/base/text.h"

namespace emulator::s3 {
namespace {

// Names under which a bucket's own name may stand in front. The first are this machine; under the
// last only what comes before an s3 label is a bucket.
struct HostBase {
  std::string_view name;
  bool needs_s3_label;
};
constexpr std::array host_bases{
    HostBase{"localhost.localstack.cloud", false},
    HostBase{"localhost", false},
    HostBase{"amazonaws.com", true},
    HostBase{"amazonaws.com.cn", true},
};

// The paths of S3 Control begin with the version of its API.
constexpr std::string_view control_version = "v20180820/";

std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host;  // an IPv6 address
  return host.substr(0, host.find(':'));
}

// "s3", "s3-eu-west-1" (the older form)
bool is_s3_label(std::string_view label) { return label == "s3" || label.starts_with("s3-"); }

// What is in front of the last s3 label: "my.bucket" of "my.bucket.s3.us-east-1". nullopt if there
// is no such label.
std::optional<std::string_view> before_s3_label(std::string_view labels) {
  std::size_t end = labels.size();
  while (true) {
    const std::size_t dot = end == 0 ? std::string_view::npos : labels.rfind('.', end - 1);
    const std::size_t start = dot == std::string_view::npos ? 0 : dot + 1;
    if (is_s3_label(labels.substr(start, end - start)))
      return labels.substr(0, start == 0 ? 0 : dot);
    if (start == 0) return std::nullopt;
    end = dot;
  }
}

// "b" of "b.base", if host is under base.
std::optional<std::string_view> labels_before(std::string_view host, std::string_view base) {
  if (base.empty() || host.size() <= base.size() + 1 || !host.ends_with(base)) return std::nullopt;
  const std::string_view front = host.substr(0, host.size() - base.size());
  if (!front.ends_with('.')) return std::nullopt;
  return front.substr(0, front.size() - 1);
}

}  // namespace

std::string bucket_of_host(std::string_view host, std::string_view virtual_host_base) {
  const std::string name = base::to_lower(without_port(base::trim(host)));
  if (name == virtual_host_base) return {};
  if (const auto labels = labels_before(name, virtual_host_base)) return std::string(*labels);
  for (const HostBase& host_base : host_bases) {
    const auto labels = labels_before(name, host_base.name);
    if (!labels) continue;
    if (const auto bucket = before_s3_label(*labels)) return std::string(*bucket);
    return host_base.needs_s3_label ? std::string() : std::string(*labels);
  }
  return {};
}

Result<Address> find_address(const base::HttpRequest& request, const ServiceOptions& options) {
  if (!request.path.starts_with('/')) return fail(ErrorCode::invalid_uri);
  std::string_view path = std::string_view(request.path).substr(1);
  Address address;
  if (path.starts_with(control_version) && request.headers.has("x-amz-account-id")) {
    address.is_control = true;  // the account may stand in front of the host, where a bucket would
    path.remove_prefix(control_version.size());
  } else {
    address.bucket = bucket_of_host(request.headers.get("host"), options.virtual_host_base);
  }
  if (!address.is_control && address.bucket.empty() && !path.empty()) {
    const std::size_t slash = path.find('/');
    const auto bucket = base::percent_decode(path.substr(0, slash), false);
    if (!bucket) return fail(ErrorCode::invalid_uri);
    if (bucket->empty()) return fail(ErrorCode::invalid_bucket_name);
    address.bucket = *bucket;
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  auto key = base::percent_decode(path, false);
  if (!key) return fail(ErrorCode::invalid_uri);
  address.key = std::move(*key);
  return address;
}

}  // namespace emulator::s3
