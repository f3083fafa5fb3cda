#include "emulator/sim/trace.h"

#include "emulator/base/json.h"
#include "emulator/base/text.h"

namespace emulator::sim {
namespace {

std::string integer_text(std::int64_t value) {
  std::string out;
  base::append_integer(out, value);
  return out;
}

std::string unsigned_text(std::uint64_t value) {
  std::string out;
  base::append_unsigned(out, value);
  return out;
}

}  // namespace

Field::Field(std::string_view n, std::string_view v) : name(n), value(v), quoted(true) {}
Field::Field(std::string_view n, std::int64_t v) : name(n), value(integer_text(v)) {}
Field::Field(std::string_view n, std::uint64_t v) : name(n), value(unsigned_text(v)) {}
Field::Field(std::string_view n, bool v) : name(n), value(v ? "true" : "false") {}

std::string_view TraceLine::field(std::string_view field_name) const {
  for (const Field& entry : fields)
    if (entry.name == field_name) return entry.value;
  return {};
}

std::string TraceLine::json() const {
  base::JsonWriter writer;
  writer.reserve(256);
  writer.object();
  writer.key("id").unsigned_number(id);
  writer.key("at").string(base::iso_micros(at));
  writer.key("actor").string(actor);
  writer.key("kind").string(kind);
  writer.key("cause").unsigned_number(cause);
  for (const Field& entry : fields) {
    writer.key(entry.name);
    if (entry.quoted)
      writer.string(entry.value);
    else
      writer.raw(entry.value);
  }
  writer.end();
  return writer.take();
}

EventId Trace::record(std::string_view actor, std::string_view kind,
                      std::initializer_list<Field> fields) {
  return record(actor, kind, std::vector<Field>(fields));
}

EventId Trace::record(std::string_view actor, std::string_view kind, std::vector<Field> fields) {
  TraceLine line{next_id_++,        scheduler_.now(),   std::string(actor),
                 std::string(kind), scheduler_.cause(), std::move(fields)};
  line.text = line.json();
  hash_ = base::fnv1a("\n", base::fnv1a(line.text, hash_));
  for (const Listener& listener : listeners_) listener(line);
  return line.id;
}

std::string Trace::hash_text() const {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<char>(hash_ >> shift & 0xFF));
  return base::to_hex(bytes);
}

}  // namespace emulator::sim
