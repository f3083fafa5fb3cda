#pragma once
// Takes a multipart/form-data body apart (RFC 7578), as it arrives and cut anywhere: the fields
// before the file, then the file piece by piece. What is before the file is bounded, as at AWS;
// what is behind it is passed over.

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emulator/s3/error.h"

namespace emulator::s3 {

using FormFields =
    std::vector<std::pair<std::string, std::string>>;  // names in lower case, in their order

class FormParser {
 public:
  struct File {
    std::string name;  // the client's, "" = not given
    std::string content_type;
  };
  struct Handlers {
    std::function<Result<void>(const FormFields& fields, const File& file)> begin;
    std::function<Result<void>(std::string_view bytes)> data;
  };

  // content_type: of the request, with its boundary.
  static Result<FormParser> create(std::string_view content_type);

  Result<void> parse(std::string_view bytes, const Handlers& handlers);
  // Everything has come: exactly one file?
  Result<void> finish() const;

 private:
  enum class Stage { boundary, part_head, field, file, ignored, done };

  explicit FormParser(std::string boundary);
  // One step over what is there; false: more bytes are needed.
  Result<bool> step(const Handlers& handlers);
  Result<bool> on_boundary();
  Result<bool> on_part_head(const Handlers& handlers);
  Result<bool> on_content(const Handlers& handlers);
  Result<void> count_front(std::size_t bytes);
  Result<void> take_content(std::string_view bytes, const Handlers& handlers);

  std::string delimiter_;  // CR LF -- boundary
  std::string pending_;
  Stage stage_ = Stage::ignored;  // up to the first boundary
  FormFields fields_;
  std::string field_name_;
  std::string field_value_;
  std::size_t front_bytes_ = 0;  // of everything before the file
  bool file_seen_ = false;
};

}  // namespace emulator::s3
