#include "pipeline/dms/s3_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "emulator/base/check.h"

namespace pipeline::dms {
namespace {

namespace s3 = emulator::s3;
namespace sim = emulator::sim;

// Recoverable errors are tried again after 1 s, 2 s, 4 s ...
std::chrono::seconds backoff(std::int64_t failures, std::int64_t max_seconds) {
  const std::int64_t doublings = std::min<std::int64_t>(failures - 1, 30);
  return std::chrono::seconds(std::min(std::int64_t{1} << doublings, max_seconds));
}

bool is_recoverable(s3::ErrorCode code) {
  return code == s3::ErrorCode::service_unavailable || code == s3::ErrorCode::slow_down ||
         code == s3::ErrorCode::internal_error ||
         code == s3::ErrorCode::conditional_request_conflict;
}

}  // namespace

void S3Target::put(Put put) {
  queue_.push_back(Step{std::move(put), {}});
  next();
}

void S3Target::then(std::function<void()> step) {
  queue_.push_back(Step{std::nullopt, std::move(step)});
  next();
}

// A step of its own, so that whoever queued something has returned before anything can end the run.
void S3Target::next() {
  if (busy_ || queue_.empty()) return;
  busy_ = true;
  context_.after({}, "dms.put", [this] { run_first(); });
}

void S3Target::run_first() {
  if (queue_.front().put) return issue();
  const std::function<void()> run = std::move(queue_.front().run);
  queue_.pop_front();
  busy_ = false;
  run();
  next();
}

void S3Target::issue() {
  const Put& put = *queue_.front().put;
  if (context_.faults.crash_here("dms.before_put", put.key)) {
    context_.host.crash("dms.before_put");
    return;
  }
  sim::Cause scope(context_.scheduler, put.cause != 0 ? put.cause : context_.scheduler.cause());
  outcome_.reset();
  const std::shared_ptr<sim::Link> link = context_.put_link;
  link->call(
      put.key, [link, store = context_.guarded([this] {
        outcome_ = queue_.front().put->store();
      })] { store(); },
      [this, link, alive = context_.life](sim::Link::Outcome outcome) {
        if (const std::shared_ptr<void> run = alive.lock()) answered(outcome);
      });
}

void S3Target::answered(sim::Link::Outcome outcome) {
  if (outcome != sim::Link::Outcome::delivered) return retry("no answer from S3");
  CHECK(outcome_.has_value());
  if (!outcome_->has_value()) {
    const s3::Error& error = outcome_->error();
    if (is_recoverable(error.code)) return retry(error.text());
    return context_.host.fail(fmt::format("Failed to put object {} to bucket {}: {}",
                                          queue_.front().put->key,
                                          context_.options.target.bucket_name, error.text()));
  }
  const Put& put = *queue_.front().put;
  if (context_.faults.crash_here(put.crash_point, put.key))
    return context_.host.crash(put.crash_point);
  failures_ = 0;
  const std::function<void()> stored = std::move(queue_.front().put->stored);
  queue_.pop_front();
  busy_ = false;
  stored();
  next();
}

void S3Target::retry(const std::string& why) {
  const std::string& key = queue_.front().put->key;
  ++failures_;
  const std::int64_t allowed = context_.settings.recoverable_error_count;
  if (allowed >= 0 && failures_ > allowed) {
    context_.host.fail(
        fmt::format("Failed to put object {}: {}; gave up after {} tries", key, why, failures_));
    return;
  }
  const std::chrono::seconds delay =
      backoff(failures_, context_.settings.recoverable_throttling_max_s);
  context_.host.warn(
      fmt::format("put of {} failed ({}), next try in {} s", key, why, delay.count()));
  context_.after(delay, "dms.retry", [this] { issue(); });
}

std::string S3Target::folder(std::string_view schema, std::string_view table) const {
  const std::string& bucket_folder = context_.options.target.bucket_folder;
  return fmt::format("{}{}{}/{}/", bucket_folder, bucket_folder.empty() ? "" : "/", schema, table);
}

s3::Result<std::uint64_t> S3Target::delete_folder(std::string_view schema, std::string_view table) {
  s3::ListObjectsInput input{.bucket = context_.options.target.bucket_name,
                             .prefix = folder(schema, table)};
  std::uint64_t deleted = 0;
  while (true) {
    const s3::Result<s3::ListObjectsOutput> page = context_.s3.list_objects(input);
    if (!page) return tl::unexpected(page.error());
    for (const s3::ListedObject& object : page->objects) {
      if (const auto done = context_.s3.delete_object({.bucket = input.bucket, .key = object.key});
          !done) {
        return tl::unexpected(done.error());
      }
      ++deleted;
    }
    if (!page->truncated) return deleted;
    input.start_after = page->next_start_after;
  }
}

}  // namespace pipeline::dms
