#include "pipeline/rds/external/reader_history.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/json_document.h"

namespace pipeline::rds::external {

bool is_before(const Position& a, const Position& b) {
  if (a.file == b.file) return a.offset < b.offset;
  if (a.file.size() != b.file.size()) return a.file.size() < b.file.size();
  return a.file < b.file;
}

void ReaderHistory::begin(const Position& at, mysql::SchemaTracker schema,
                          const std::optional<Position>& prepared) {
  const auto shared = std::make_shared<const mysql::SchemaTracker>(std::move(schema));
  entries_.clear();
  entries_.push_back({prepared.value_or(at), std::make_shared<const Known>(Known{shared})});
  if (prepared) entries_.push_back({at, std::make_shared<const Known>(Known{shared, prepared})});
}

// What is read a second time was noted the first time.
void ReaderHistory::note(const Position& after, const KnownPtr& known) {
  if (known == entries_.back().known || !is_before(entries_.back().at, after)) return;
  entries_.push_back({after, known});
}

std::size_t ReaderHistory::find(const Position& at) const {
  std::size_t i = entries_.size();
  while (i > 1 && is_before(at, entries_[i - 1].at)) --i;
  return i - 1;
}

ReaderHistory::Start ReaderHistory::start(const Position& at) {
  if (entries_.empty() || is_before(at, entries_.front().at)) begin(at, {});
  const std::size_t here = find(at);
  entries_.resize(here + 1);
  const std::optional<Position>& prepared = entries_[here].known->oldest_prepared;
  if (!prepared) return {at, entries_[here].known};
  const KnownPtr& known = entries_[find(*prepared)].known;
  return {*prepared, std::make_shared<const Known>(Known{known->schema})};
}

std::shared_ptr<const std::string> ReaderHistory::text(const Position& at) {
  if (entries_.empty()) return nullptr;
  const std::optional<Position> prepared = entries_[find(at)].known->oldest_prepared;
  entries_.erase(entries_.begin(),
                 entries_.begin() + static_cast<std::ptrdiff_t>(find(prepared.value_or(at))));
  const KnownPtr& known = entries_.front().known;
  const Position from = prepared.value_or(Position{"", 0});
  if (text_ && text_of_->schema == known->schema && text_from_ == from) return text_;
  emulator::base::JsonWriter out;
  out.object();
  if (prepared) out.key("file").string(from.file).key("offset").unsigned_number(from.offset);
  out.key("schema").raw(known->schema->text()).end();
  text_ = std::make_shared<const std::string>(out.take());
  text_of_ = known;
  text_from_ = from;
  return text_;
}

Result<void> ReaderHistory::restore(const Position& at, const std::string& text) {
  using Json = nlohmann::json;
  const auto unreadable = [](const std::string& why) {
    return emulator::base::fail("the saved state of a source cannot be read: " + why);
  };
  const auto json = emulator::base::json_or_error(text);
  if (!json) return unreadable(json.error().message);
  std::optional<Position> prepared;
  std::string schema;
  try {
    if (json->contains("file"))
      prepared =
          Position{json->at("file").get<std::string>(), json->at("offset").get<std::uint64_t>()};
    schema = emulator::base::json_text(json->at("schema"));
  } catch (const Json::exception& exception) {
    return unreadable(exception.what());
  }
  auto tracker = mysql::SchemaTracker::of_text(schema);
  if (!tracker) return tl::unexpected(tracker.error());
  begin(at, std::move(*tracker), prepared);
  return {};
}

}  // namespace pipeline::rds::external
