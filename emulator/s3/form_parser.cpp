#include "emulator/s3/form_parser.h"

#include <algorithm>
#include <utility>

#include "emulator/base/text.h"

namespace emulator::s3 {
namespace {

constexpr std::size_t front_bytes_max = 20 * 1024;
constexpr std::size_t boundary_length_max = 70;  // RFC 2046 5.1.1

tl::unexpected<Error> malformed() { return fail(ErrorCode::malformed_post_request); }

// The value of a parameter behind a header's own value: name="file"; filename=a.txt. Quotes may be
// left out.
std::string parameter_of(std::string_view header, std::string_view name) {
  std::size_t at = header.find(';');
  while (at != std::string_view::npos) {
    std::string_view rest = header.substr(at + 1);
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return {};
    const bool is_it = base::equals_ignoring_case(base::trim(rest.substr(0, equals)), name);
    std::string_view value = rest.substr(equals + 1);
    std::size_t end = 0;
    if (value.starts_with('"')) {
      value.remove_prefix(1);
      end = value.find('"');
      if (end == std::string_view::npos) return {};
      if (is_it) return std::string(value.substr(0, end));
    } else {
      end = std::min(value.find(';'), value.size());
      if (is_it) return std::string(base::trim(value.substr(0, end)));
    }
    const std::size_t next = value.find(';', end);
    at = next == std::string_view::npos
             ? next
             : static_cast<std::size_t>(value.data() - header.data()) + next;
  }
  return {};
}

struct PartHead {
  std::string name;
  std::string file_name;
  std::string content_type;
};

PartHead parse_head(std::string_view text) {
  PartHead head;
  for (std::string_view line : base::split(text, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string name = base::to_lower(base::trim(line.substr(0, colon)));
    const std::string_view value = base::trim(line.substr(colon + 1));
    if (name == "content-type") head.content_type = value;
    if (name != "content-disposition") continue;
    head.name = base::to_lower(parameter_of(value, "name"));
    head.file_name = parameter_of(value, "filename");
  }
  return head;
}

}  // namespace

// The line end before the first boundary is not there: as if it were.
FormParser::FormParser(std::string boundary)
    : delimiter_("\r\n--" + std::move(boundary)), pending_("\r\n") {}

Result<FormParser> FormParser::create(std::string_view content_type) {
  const std::string boundary = parameter_of(content_type, "boundary");
  if (!base::to_lower(content_type).starts_with("multipart/form-data")) {
    return tl::unexpected(
        Error{ErrorCode::precondition_failed,
              {},
              {{"Condition", "Bucket POST must be of the enclosure-type multipart/form-data"}}});
  }
  if (boundary.empty() || boundary.size() > boundary_length_max) return malformed();
  return FormParser(boundary);
}

Result<void> FormParser::parse(std::string_view bytes, const Handlers& handlers) {
  if (stage_ == Stage::done) return {};  // an epilogue
  pending_ += bytes;
  while (stage_ != Stage::done) {
    const auto stepped = step(handlers);
    if (!stepped) return tl::unexpected(stepped.error());
    if (!*stepped) break;
  }
  return {};
}

Result<void> FormParser::count_front(std::size_t bytes) {
  if (file_seen_) return {};
  front_bytes_ += bytes;
  if (front_bytes_ > front_bytes_max) return fail(ErrorCode::max_post_pre_data_length);
  return {};
}

Result<bool> FormParser::step(const Handlers& handlers) {
  if (stage_ == Stage::boundary) return on_boundary();
  if (stage_ == Stage::part_head) return on_part_head(handlers);
  return on_content(handlers);
}

// Behind the delimiter: "--" ends the form, a line end begins a part.
Result<bool> FormParser::on_boundary() {
  if (pending_.size() < 2) return false;
  if (pending_.starts_with("--")) {
    stage_ = Stage::done;
    return true;
  }
  if (!pending_.starts_with("\r\n")) return malformed();
  stage_ = Stage::part_head;  // the line end stays: a head without lines is "\r\n\r\n" then, too
  return true;
}

Result<bool> FormParser::on_part_head(const Handlers& handlers) {
  constexpr std::string_view blank_line = "\r\n\r\n";
  const std::size_t end = pending_.find(blank_line);
  if (end == std::string::npos) {
    if (pending_.size() > front_bytes_max) return fail(ErrorCode::max_post_pre_data_length);
    return false;
  }
  const PartHead head = parse_head(std::string_view(pending_).substr(0, end));
  pending_.erase(0, end + blank_line.size());
  if (auto counted = count_front(end); !counted) return tl::unexpected(std::move(counted.error()));
  if (file_seen_) {
    if (head.name == "file") return fail(ErrorCode::incorrect_number_of_files);
    stage_ = Stage::ignored;
    return true;
  }
  if (head.name == "file") {
    file_seen_ = true;
    stage_ = Stage::file;
    if (auto begun = handlers.begin(fields_, {head.file_name, head.content_type}); !begun)
      return tl::unexpected(std::move(begun.error()));
    return true;
  }
  if (head.name.empty()) return malformed();
  field_name_ = head.name;
  field_value_.clear();
  stage_ = Stage::field;
  return true;
}

Result<bool> FormParser::on_content(const Handlers& handlers) {
  const std::size_t end = pending_.find(delimiter_);
  if (end == std::string::npos) {
    // The delimiter may have begun in the last bytes.
    const std::size_t safe =
        pending_.size() < delimiter_.size() ? 0 : pending_.size() - delimiter_.size() + 1;
    if (auto taken = take_content(std::string_view(pending_).substr(0, safe), handlers); !taken)
      return tl::unexpected(std::move(taken.error()));
    pending_.erase(0, safe);
    return false;
  }
  if (auto taken = take_content(std::string_view(pending_).substr(0, end), handlers); !taken)
    return tl::unexpected(std::move(taken.error()));
  pending_.erase(0, end + delimiter_.size());
  if (stage_ == Stage::field) fields_.emplace_back(std::move(field_name_), std::move(field_value_));
  stage_ = Stage::boundary;
  return true;
}

Result<void> FormParser::take_content(std::string_view bytes, const Handlers& handlers) {
  if (bytes.empty()) return {};
  if (stage_ == Stage::file) return handlers.data(bytes);
  if (stage_ == Stage::field) field_value_ += bytes;
  return count_front(bytes.size());
}

Result<void> FormParser::finish() const {
  if (stage_ != Stage::done) return malformed();
  if (!file_seen_) return fail(ErrorCode::incorrect_number_of_files);
  return {};
}

}  // namespace emulator::s3
