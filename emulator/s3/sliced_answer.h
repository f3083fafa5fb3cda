#pragma once
// The answer to a copy: of little at once, of much in slices between which other requests have
// their turn. Internal to this folder.

#include <functional>

#include "emulator/s3/rest_call.h"

namespace emulator::s3 {

// step copies the next slice, true: that was the last; answer then ends it. The call outlives both.
Result<base::HttpResponse> answer_in_slices(Call& call, std::function<Result<bool>()> step,
                                            std::function<Result<base::HttpResponse>()> answer);

// The same for callers in the process, who wait for the last slice.
template <class Copy>
auto all_slices(Copy& copy) -> decltype(copy.finish()) {
  Result<bool> done = copy.step();
  while (done && !*done) done = copy.step();
  if (!done) return tl::unexpected(std::move(done.error()));
  return copy.finish();
}

}  // namespace emulator::s3
