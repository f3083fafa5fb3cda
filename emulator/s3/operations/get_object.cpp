#include "emulator/s3/archive.h"
#include "emulator/s3/object_answer.h"
#include "emulator/s3/object_headers.h"
#include "emulator/s3/operations/table.h"
#include "emulator/s3/service.h"

namespace emulator::s3 {

Result<ObjectBody> Service::get_object(const std::string& bucket, const std::string& key,
                                       const std::string& version_id) {
  auto object = head_object(bucket, key, version_id);
  if (!object) return tl::unexpected(std::move(object.error()));
  if (is_archived(*object, now())) return tl::unexpected(is_in_archive(*object));
  auto body = store_.open(*object);
  if (!body) return storage_failed(body.error());
  return ObjectBody{std::move(*object), std::move(*body)};
}

namespace {

// A part of a stored body, as the server asks for it.
class StoredBody final : public base::BodySource {
 public:
  StoredBody(std::unique_ptr<BodyReader> reader, ByteRange range)
      : reader_(std::move(reader)), at_(range.first), end_(range.first + range.size) {}

  // A read that fails ends the body early: the server then breaks the connection, so that no client
  // takes it for the whole.
  std::size_t read(std::span<char> into) override {
    const std::size_t wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), end_ - at_));
    const auto got = reader_->read(at_, into.first(wanted));
    if (!got) return 0;
    at_ += *got;
    return *got;
  }

  std::string_view take(std::uint64_t bytes_max) override {
    const std::uint64_t wanted = std::min(bytes_max, end_ - at_);
    const std::string_view bytes = reader_->bytes(at_).substr(0, static_cast<std::size_t>(wanted));
    at_ += bytes.size();
    return bytes;
  }

  std::optional<base::Result<std::size_t>> send_to(int socket, std::uint64_t bytes_max) override {
    auto sent = reader_->send_to(socket, at_, std::min(bytes_max, end_ - at_));
    if (sent && *sent) at_ += **sent;
    return sent;
  }

 private:
  std::unique_ptr<BodyReader> reader_;
  std::uint64_t at_;
  std::uint64_t end_;
};

}  // namespace

Result<base::HttpResponse> rest_get_object(Call& call, const std::string&) {
  if (auto checked = check_part_parameter(call); !checked)
    return tl::unexpected(std::move(checked.error()));
  const auto version_id = requested_version(call);
  if (!version_id) return tl::unexpected(version_id.error());
  auto found = call.service.get_object(call.bucket, call.key, *version_id);
  if (!found) return tl::unexpected(std::move(found.error()));
  auto answer = answer_object(call, found->object);
  if (!answer) return tl::unexpected(std::move(answer.error()));
  if (!answer->has_body) return std::move(answer->response);
  answer->response.stream_length = answer->range.size;
  answer->response.stream = std::make_unique<StoredBody>(std::move(found->body), answer->range);
  return std::move(answer->response);
}

}  // namespace emulator::s3
