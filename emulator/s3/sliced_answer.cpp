#include "emulator/s3/sliced_answer.h"

#include <memory>
#include <utility>

namespace emulator::s3 {
namespace {

constexpr Duration pause = std::chrono::microseconds(50);  // not none: what is due at this instant would run before any request

class SlicedAnswer final : public base::PendingResponse {
 public:
  SlicedAnswer(Call& call, std::function<Result<bool>()> step, std::function<Result<base::HttpResponse>()> answer)
      : call_(call), step_(std::move(step)), answer_(std::move(answer)) {}

  void start(std::function<void(base::HttpResponse)> respond) override {
    respond_ = std::move(respond);
    plan();
  }
  base::HttpResponse give_up() override {
    return error_response(call_, Error{ErrorCode::service_unavailable, "The server stops before the copy is done."});
  }

 private:
  void plan() {
    call_.service.scheduler().after(pause, "s3.copy", [this, alive = std::weak_ptr<bool>(alive_)] {
      if (!alive.expired()) go_on();
    });
  }
  void go_on() {
    const auto done = step_();
    if (done && !*done) return plan();
    auto response = done ? answer_() : tl::unexpected(done.error());
    respond_(response ? std::move(*response) : error_response(call_, response.error()));
  }

  Call& call_;
  std::function<Result<bool>()> step_;
  std::function<Result<base::HttpResponse>()> answer_;
  std::function<void(base::HttpResponse)> respond_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // shared with what is planned, which may come too late
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
