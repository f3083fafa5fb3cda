#pragma once
// Objects in an archive (storage classes GLACIER and DEEP_ARCHIVE): their bytes are read only while
// a restored copy lasts. AWS takes minutes to days over a restore; here it is there at once, which
// is as quick as AWS may be.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/s3/error.h"
#include "emulator/s3/model.h"

namespace emulator::s3 {

// Kept among the headers of a restored object, as it is answered.
inline constexpr const char* restore_header = "x-amz-restore";

bool is_in_archive_class(const Object& object);
// In an archive, and not restored now.
bool is_archived(const Object& object, Instant now);
Error is_in_archive(const Object& object);

// Until when the restored copy lasts; nullopt: there is none.
std::optional<Instant> restored_until(const Object& object);
// `ongoing-request="false", expiry-date="..."`: the midnight behind so many days.
std::string restored_for(Instant now, std::int64_t days);

}  // namespace emulator::s3
