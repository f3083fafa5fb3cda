#pragma once
// The policy of a browser's form (AWS: "Creating a POST policy"): until when it holds, and what the
// fields may say. Pure.

#include <cstdint>
#include <string>
#include <string_view>

#include "emulator/s3/error.h"
#include "emulator/s3/form_parser.h"
#include "emulator/s3/model.h"

namespace emulator::s3 {

struct SizeRange {
  std::uint64_t min = 0;
  std::uint64_t max = std::uint64_t{5} << 30;
};

// `fields` must fulfil every condition, and each of them must be named by one. Gives the sizes that
// the file may have.
Result<SizeRange> check_post_policy(std::string_view policy_base64, const FormFields& fields,
                                    const std::string& bucket, Instant now);

}  // namespace emulator::s3
