#pragma once
// The answer to a copy: of little at once, of much in slices between which other requests have
// their turn. Internal to this folder.

#include <functional>

#include "emulator/s3/rest_call.h"

namespace emulator::s3 {

// step copies the next slice, true: that was the last; answer then ends it. The call outlives both.
Result<base::HttpResponse> answer_in_slices(Call& call, std::function<Result<bool>()> step,
                                            std::function<Result<base::HttpResponse>()> answer);

}  // namespace emulator::s3
