#pragma once
// A bucket's website configuration (AWS: PutBucketWebsite): what may stand in it, in AWS's words.
// It is kept, not acted on. Pure.

#include "emulator/s3/error.h"
#include "emulator/s3/xml_document.h"

namespace emulator::s3 {

Result<void> check_website(const XmlElement& configuration);

}  // namespace emulator::s3
