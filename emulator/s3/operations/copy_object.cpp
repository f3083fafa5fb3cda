#include <array>

#include "emulator/base/digest.h"
#include "emulator/base/text.h"
#include "emulator/s3/conditions.h"
#include "emulator/s3/names.h"
#include "emulator/s3/service.h"

namespace emulator::s3 {
namespace {

struct CopiedBody {
  BodyRef body;
  std::string etag;
};

// The ETag of a copy is the md5 of its bytes, also where the source came in parts.
Result<CopiedBody> copy_body(BodyReader& from, BodyWriter& to) {
  base::Hash md5(base::HashKind::md5);
  std::string buffer(static_cast<std::size_t>(std::min<std::uint64_t>(from.size(), 256 * 1024)), '\0');
  std::uint64_t at = 0;
  while (at < from.size()) {
    const auto got = from.read(at, buffer);
    if (!got) return storage_failed(got.error());
    if (*got == 0) return fail(ErrorCode::internal_error, "the stored body of the source is too short");
    const std::string_view piece(buffer.data(), *got);
    md5.update(piece);
    if (auto appended = to.append(piece); !appended) return storage_failed(appended.error());
    at += *got;
  }
  auto body = to.finish();
  if (!body) return storage_failed(body.error());
  return CopiedBody{std::move(*body), base::to_hex(md5.finish())};
}

// REPLACE takes the request's headers; what describes the bytes themselves stays with them.
std::map<std::string, std::string> copied_headers(const CopyObjectInput& input, const Object& source) {
  if (!input.replace_headers) return source.headers;
  std::map<std::string, std::string> headers = input.headers;
  for (const auto& [name, value] : source.headers) {
    if (name.starts_with("x-amz-checksum-")) headers[name] = value;
  }
  return headers;
}

}  // namespace

Result<Object> Service::copy_object(const CopyObjectInput& input) {
  if (auto key = check_key(input.key); !key) return tl::unexpected(std::move(key.error()));
  if (const auto bucket = find_bucket(input.bucket); !bucket) return tl::unexpected(bucket.error());
  auto source = get_object(input.source_bucket, input.source_key);
  if (!source) return tl::unexpected(std::move(source.error()));
  if (auto held = check_copy_source(input.source_conditions, source->object, now()); !held) {
    return tl::unexpected(std::move(held.error()));
  }
  if (!input.replace_headers && input.source_bucket == input.bucket && input.source_key == input.key) {
    return fail(ErrorCode::invalid_request,
                "This copy request is illegal because it is trying to copy an object to itself without changing the "
                "object's metadata, storage class, website redirect location or encryption attributes.");
  }
  const auto current = find_object(input.bucket, input.key);
  if (!current) return tl::unexpected(current.error());
  if (auto held = check_write(input.conditions, *current); !held) return tl::unexpected(std::move(held.error()));
  const std::unique_ptr<BodyWriter> writer = store_.new_body();
  auto copied = copy_body(*source->body, *writer);
  if (!copied) return tl::unexpected(std::move(copied.error()));
  Object object{.bucket = input.bucket, .key = input.key, .etag = std::move(copied->etag)};
  object.headers = copied_headers(input, source->object);
  auto stored = store_object(std::move(object), copied->body, "ObjectCreated:Copy", new_request_ids(), "copy",
                             {{"source_bucket", input.source_bucket}, {"source_key", input.source_key}});
  if (!stored) store_.discard(copied->body);
  return stored;
}

}  // namespace emulator::s3
