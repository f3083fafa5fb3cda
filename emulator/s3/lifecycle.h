#pragma once
// Lifecycle rules (AWS: "Lifecycle configuration elements"): checked as AWS checks them. They are
// kept and answered, and their dates are told (expiration.h); nothing expires by them yet.

#include <functional>
#include <string>

#include "emulator/s3/error.h"
#include "emulator/s3/xml_document.h"

namespace emulator::s3 {

Result<void> check_lifecycle(const XmlElement& configuration);
// AWS gives an ID to each rule that has none.
void name_lifecycle_rules(XmlElement& configuration, const std::function<std::string()>& new_id);

}  // namespace emulator::s3
