#include "emulator/s3/sliced_answer.h"

#include <memory>
#include <utility>

namespace emulator::s3 {
namespace {

// Works off one slice when it is started, and answers with the next one to be waited for. The
// server hands each answer to its loop, so that whoever has asked meanwhile comes first. The
// scheduler would not do: it catches up with all that is overdue before a request.
class SlicedAnswer final : public base::PendingResponse {
 public:
  SlicedAnswer(Call& call, std::function<Result<bool>()> step,
               std::function<Result<base::HttpResponse>()> answer)
      : call_(call), step_(std::move(step)), answer_(std::move(answer)) {}

  void start(std::function<void(base::HttpResponse)> respond) override {
    auto response = answer_in_slices(call_, std::move(step_), std::move(answer_));
    respond(response ? std::move(*response) : error_response(call_, response.error()));
  }
  base::HttpResponse give_up() override {
    return error_response(
        call_, Error{ErrorCode::service_unavailable, "The server stops before the copy is done."});
  }

 private:
  Call& call_;
  std::function<Result<bool>()> step_;
  std::function<Result<base::HttpResponse>()> answer_;
};

}  // namespace

Result<base::HttpResponse> answer_in_slices(Call& call, std::function<Result<bool>()> step,
                                            std::function<Result<base::HttpResponse>()> answer) {
  const auto done = step();
  if (!done) return tl::unexpected(done.error());
  if (*done) return answer();
  base::HttpResponse later;
  later.pending = std::make_unique<SlicedAnswer>(call, std::move(step), std::move(answer));
  return later;
}

}  // namespace emulator::s3
