#pragma once
// The few calls of S3 that the scripts make, with errors as text.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/result.h"
#include "emulator/s3/service.h"

namespace pipeline::glue::native {

emulator::base::Error error_of(const emulator::s3::Error& error, std::string_view bucket,
                               std::string_view key);

// nullopt: no such bucket or key.
emulator::base::Result<std::optional<std::string>> get_object(emulator::s3::Service& s3,
                                                              const std::string& bucket,
                                                              const std::string& key);
emulator::base::Result<void> put_object(emulator::s3::Service& s3, const std::string& bucket,
                                        const std::string& key, std::string_view body);
emulator::base::Result<void> delete_object(emulator::s3::Service& s3, const std::string& bucket,
                                           const std::string& key);
// All objects under the prefix, in byte order of keys.
emulator::base::Result<std::vector<emulator::s3::ListedObject>> list_objects(
    emulator::s3::Service& s3, const std::string& bucket, const std::string& prefix);

}  // namespace pipeline::glue::native
