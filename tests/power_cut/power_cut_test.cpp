// The power fails at every write of a workload, and the process is killed there. What was
// acknowledged must be as `--sync` promises (emulator/s3/README.md): objects whole, their events
// delivered or still to be delivered, no body without its object.

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <optional>

#include "emulator/s3/sqlite_store.h"
#include "emulator/sqs/service.h"
#include "tests/power_cut/disk.h"
#include "tests/temporary_folder.h"

namespace tests {
namespace {

namespace s3 = emulator::s3;
namespace sim = emulator::sim;
namespace sqs = emulator::sqs;
using emulator::sqlite::Sync;
using std::chrono::hours;

const sqs::QueueName queue_name{"us-east-1", "q"};
constexpr const char* bucket = "bucket";
constexpr const char* quiet = "quiet";  // no rule is about this one
const s3::StoreOptions small_bodies_inline{.inline_bytes_max = 64};

std::string large(char letter, std::size_t size = 5000) { return std::string(size, letter); }

// S3 and a queue on one folder, as `serve --data` has them.
struct World {
  static std::unique_ptr<World> open(const std::string& folder, Sync sync, std::string& error) {
    auto store = s3::sqlite_store(folder, sync, small_bodies_inline);
    if (!store) return error = store.error().text(), nullptr;
    auto database = emulator::sqlite::Database::open(folder + "/state.sqlite", sync);
    if (!database) return error = database.error().text(), nullptr;
    auto world = std::unique_ptr<World>(new World(std::move(*store), std::move(*database)));
    if (auto opened = world->queue.open(); !opened) return error = opened.error().text(), nullptr;
    world->s3.register_service("sqs", world->queue);
    world->s3.redeliver();
    return world;
  }
  void run() { scheduler.run_until_idle(hours(1)); }
  std::vector<sqs::Message> receive() {
    std::vector<sqs::Message> all;
    for (bool more = true; more;) {
      queue.receive_message(queue_name, {.messages_max = 10, .visibility_timeout = 43200},
                            [&](sqs::Result<std::vector<sqs::Message>> got) {
                              more = got && !got->empty();
                              if (more) all.insert(all.end(), got->begin(), got->end());
                            });
    }
    return all;
  }

  sim::Scheduler scheduler{emulator::base::parse_instant("2026-01-01T00:00:00Z").value()};
  sim::Trace trace{scheduler};
  sim::Faults faults{sim::Random(1, "faults"), trace};
  std::unique_ptr<s3::ObjectStore> store;
  emulator::sqlite::Database database;
  s3::Service s3;
  sqs::Service queue;

 private:
  World(std::unique_ptr<s3::ObjectStore> objects, emulator::sqlite::Database state)
      : store(std::move(objects)),
        database(std::move(state)),
        s3(*store, scheduler, trace, faults, sim::Random(1, "s3")),
        queue(database, scheduler, trace, sim::Random(1, "sqs")) {}
};

// One call of the workload, and what it leaves: the bodies by key, and the event that it causes.
struct Step {
  std::string name;
  std::function<bool(World&)> call;
  std::map<std::string, std::optional<std::string>> changes = {};  // nullopt: the key is gone
  std::string event = {};                                          // "ObjectCreated:Put key"
};

bool put(World& world, const std::string& key, const std::string& body, const char* to = bucket) {
  return world.s3.put_object({.bucket = to, .key = key}, body).has_value();
}

Step put_step(const std::string& key, const std::string& body) {
  return {"put " + key,
          [=](World& world) { return put(world, key, body); },
          {{key, body}},
          "ObjectCreated:Put " + key};
}

Step delete_step(const std::string& key) {
  return {"delete " + key,
          [=](World& world) {
            return world.s3.delete_object({.bucket = bucket, .key = key}).has_value();
          },
          {{key, std::nullopt}},
          "ObjectRemoved:Delete " + key};
}

bool set_up(World& world) {
  const s3::Notification rule{.id = "rule",
                              .kind = s3::TargetKind::queue,
                              .arn = "arn:aws:sqs:us-east-1:000000000000:q",
                              .events = {"s3:ObjectCreated:*", "s3:ObjectRemoved:*"}};
  return world.queue.create_queue(queue_name, {}, {}) && world.s3.create_bucket(bucket) &&
         world.s3.create_bucket(quiet) &&
         world.s3.put_bucket_notification_configuration(bucket, {.notifications = {rule}});
}

bool upload_in_parts(World& world) {
  const auto upload = world.s3.create_multipart_upload({.bucket = bucket, .key = "parts"});
  if (!upload) return false;
  std::string etag;
  for (const char letter : {'x', 'p'}) {  // the second replaces the first
    auto part = world.s3.begin_upload_part({.upload = {bucket, "parts", upload->id}, .number = 1});
    if (!part || !(*part)->append(large(letter))) return false;
    const auto done = (*part)->finish();
    if (!done) return false;
    etag = done->etag;
  }
  return world.s3
      .complete_multipart_upload(
          {.upload = {bucket, "parts", upload->id}, .parts = {{.number = 1, .etag = etag}}})
      .has_value();
}

// What requests do together is there whole or not at all, too.
bool put_together(World& world) {
  world.s3.gather_requests();
  {
    const s3::Service::Gathering gathering(world.s3);
    const bool done = put(world, "small", "small", quiet) &&
                      put(world, "large", large('q'), quiet) &&
                      put(world, "small", "again", quiet) &&
                      world.s3.delete_object({.bucket = quiet, .key = "large"}) &&
                      put(world, "other", large('o'), quiet);
    if (!done) return false;
  }
  return world.s3.has_gathered() && world.s3.commit_gathered();
}

std::vector<Step> workload() {
  return {
      {"set up", set_up},
      put_step("small", "first"),
      put_step("large", large('a')),
      {"copy",
       [](World& world) {
         return world.s3
             .copy_object(
                 {.source_bucket = bucket, .source_key = "large", .bucket = bucket, .key = "copy"})
             .has_value();
       },
       {{"copy", large('a')}},
       "ObjectCreated:Copy copy"},
      put_step("large", large('b')),
      put_step("small", large('c')),
      put_step("small", "short again"),
      {"upload in parts",
       upload_in_parts,
       {{"parts", large('p')}},
       "ObjectCreated:CompleteMultipartUpload parts"},
      {"tag",
       [](World& world) {
         return world.s3.put_object_tagging(bucket, "parts", "k=v").has_value();
       }},
      put_step("large", large('d', 3000)),
      put_step("large", large('e')),
      {"put together", put_together, {{"quiet small", "again"}, {"quiet other", large('o')}}},
      delete_step("copy"),
      delete_step("parts"),
      put_step("last", "last"),
  };
}

using Bodies = std::map<std::string, std::string>;

// After each number of steps.
std::vector<Bodies> states_of(const std::vector<Step>& steps) {
  std::vector<Bodies> states{{}};
  for (const Step& step : steps) {
    Bodies next = states.back();
    for (const auto& [key, body] : step.changes) {
      if (body)
        next[key] = *body;
      else
        next.erase(key);
    }
    states.push_back(std::move(next));
  }
  return states;
}

// In the midst of the steps the server stops and starts: what it had is certain then, in normal
// sync too.
constexpr std::size_t steps_before_restart = 8;

// Marks: 2 n = step n begins, 2 n + 1 = it is acknowledged.
std::vector<DiskChange> record(const std::string& folder, Sync sync,
                               const std::vector<Step>& steps) {
  Recorder recorder(folder);
  std::string error;
  auto world = World::open(folder + "/data", sync, error);
  EXPECT_TRUE(world) << error;
  if (!world) return {};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    recorder.mark(2 * i);
    EXPECT_TRUE(steps[i].call(*world)) << steps[i].name;
    recorder.mark(2 * i + 1);
    world->run();
    if (i + 1 != steps_before_restart) continue;
    world.reset();
    world = World::open(folder + "/data", sync, error);
    EXPECT_TRUE(world) << error;
    if (!world) return {};
  }
  return recorder.take();
}

// What a folder is found to hold after a cut; an error if it cannot be read as it was written.
struct Found {
  std::string error;
  bool set_up = false;
  Bodies bodies;
  std::vector<std::string> events;  // "ObjectCreated:Put key"
};

void read_bodies(World& world, const char* from, const std::string& name, Found& found) {
  const auto listed = world.s3.list_objects({.bucket = from});
  if (!listed) return;
  found.set_up = true;
  for (const s3::ListedObject& object : listed->objects) {
    const auto got = world.s3.get_object(from, object.key);
    const auto body = got ? got->read() : tl::unexpected(got.error());
    if (!body)
      found.error = "the body of " + object.key + " is gone: " + body.error().text();
    else
      found.bodies[name + object.key] = *body;
  }
}

std::string event_of(const std::string& record) {
  const auto field = [&](const std::string& name) {
    const std::size_t at = record.find("\"" + name + "\":\"");
    if (at == std::string::npos) return std::string();
    const std::size_t from = at + name.size() + 4;
    return record.substr(from, record.find('"', from) - from);
  };
  return field("eventName") + " " + field("key");
}

// Files of bodies that nothing names.
std::size_t count_bodies(const std::string& folder) {
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator(folder + "/bodies"))
    ++files;
  return files;
}

Found look(const std::string& folder) {
  Found found;
  auto world = World::open(folder, Sync::off, found.error);
  if (!world) return found;
  read_bodies(*world, bucket, "", found);
  read_bodies(*world, quiet, "quiet ", found);
  world->run();
  for (const sqs::Message& message : world->receive()) {
    if (message.body.find("\"Records\"") != std::string::npos)
      found.events.push_back(event_of(message.body));
  }
  if (!world->store->outbox()->empty()) found.error = "an event stayed in the outbox";
  std::size_t large_bodies = 0;
  for (const auto& [key, body] : found.bodies)
    large_bodies += body.size() > small_bodies_inline.inline_bytes_max;
  const auto uploads = world->store->uploads(bucket, {});
  if (uploads && uploads->empty() && count_bodies(folder) != large_bodies)
    found.error = "a body is left that no object has";
  return found;
}

// Whether what was found is what the steps would have left, had they ended after `steps` of them.
bool is_state(const Found& found, const std::vector<Bodies>& states, std::size_t steps) {
  return steps == 0 ? found.bodies.empty() : found.set_up && found.bodies == states[steps];
}

// Acknowledged steps are there, with their events; of the step under way all or nothing.
std::string broken_promise(const Found& found, const std::vector<Step>& steps,
                           const std::vector<Bodies>& states, std::size_t acknowledged,
                           std::size_t begun) {
  if (!found.error.empty()) return found.error;
  if (!is_state(found, states, acknowledged) && !is_state(found, states, begun))
    return "the objects are of no moment of the workload";
  for (std::size_t i = 0; i < acknowledged; ++i) {
    if (steps[i].event.empty()) continue;
    const auto wanted =
        std::count_if(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(acknowledged),
                      [&](const Step& each) { return each.event == steps[i].event; });
    if (std::count(found.events.begin(), found.events.end(), steps[i].event) < wanted)
      return "the event of '" + steps[i].name + "' is lost";
  }
  for (const std::string& event : found.events) {
    const bool known =
        std::any_of(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(begun),
                    [&](const Step& each) { return each.event == event; });
    if (!known) return "nobody did what the event '" + event + "' tells";
  }
  return {};
}

// Whole, and of one moment, though perhaps an earlier one.
std::string broken_consistency(const Found& found, const std::vector<Bodies>& states,
                               std::size_t begun) {
  if (!found.error.empty()) return found.error;
  for (std::size_t i = 0; i <= begun; ++i) {
    if (is_state(found, states, i)) return {};
  }
  return "the objects are of no moment of the workload";
}

struct Promise {
  Sync sync;
  Survivors survivors;
  bool acknowledged_survives;
};

// Cuts at every change that makes a difference, and says where a promise broke first.
void cut_everywhere(const Promise& promise) {
  const TemporaryFolder recorded, laid_out;
  const std::vector<Step> steps = workload();
  const std::vector<Bodies> states = states_of(steps);
  const std::vector<DiskChange> changes = record(recorded.path(), promise.sync, steps);
  ASSERT_GT(changes.size(), 100u);
  Disk disk;
  sim::Random random(1, "power cut");
  std::size_t acknowledged = 0, begun = 0, cuts = 0;
  std::optional<std::uint64_t> looked_at;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    disk.apply(changes[i]);
    const bool is_mark = changes[i].kind == DiskChange::Kind::mark;
    if (is_mark) {
      begun = static_cast<std::size_t>(changes[i].offset / 2) + 1;
      if (changes[i].offset % 2 == 1) acknowledged = begun;
    }
    // Where nothing survives that is not certain, only what became certain makes a difference, or a
    // new acknowledgement.
    if (promise.survivors == Survivors::none && !is_mark && looked_at == disk.version()) continue;
    if (promise.survivors != Survivors::none && is_mark) continue;
    looked_at = disk.version();
    ++cuts;
    disk.lay_out(laid_out.path(), promise.survivors, random);
    const Found found = look(laid_out.path() + "/data");
    const std::string broken = promise.acknowledged_survives
                                   ? broken_promise(found, steps, states, acknowledged, begun)
                                   : broken_consistency(found, states, begun);
    ASSERT_EQ(broken, "") << "cut after change " << i << " of " << changes.size() << ", step '"
                          << steps[begun == 0 ? 0 : begun - 1].name
                          << "', acknowledged: " << acknowledged;
  }
  EXPECT_GT(cuts, 20u);
}

TEST(PowerCut, TakesNothingAcknowledgedInFullSync) {
  cut_everywhere({Sync::full, Survivors::none, true});
}
TEST(PowerCut, TakesNothingAcknowledgedInFullSyncWhateverElseSurvives) {
  cut_everywhere({Sync::full, Survivors::some, true});
}
TEST(PowerCut, LeavesAMomentOfTheWorkloadInNormalSync) {
  cut_everywhere({Sync::normal, Survivors::none, false});
}
TEST(PowerCut, LeavesAMomentOfTheWorkloadInNormalSyncWhateverElseSurvives) {
  cut_everywhere({Sync::normal, Survivors::some, false});
}
TEST(Kill, TakesNothingAcknowledgedInAnySync) {
  for (const Sync sync : {Sync::full, Sync::normal, Sync::off})
    cut_everywhere({sync, Survivors::all, true});
}

}  // namespace
}  // namespace tests
