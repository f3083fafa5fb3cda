#pragma once
// Sets of MySQL GTIDs: "uuid:1-5:7,uuid:blue:3". Order-free, intervals merged; text and bytes come
// out sorted, so equal sets print alike.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "pipeline/mysql/binlog/event.h"

namespace pipeline::mysql::binlog {

class GtidSet {
 public:
  static Result<GtidSet> parse(std::string_view text);
  // The body of PREVIOUS_GTIDS and of COM_BINLOG_DUMP_GTID, plain or tagged form (binlog.md section
  // 5).
  static Result<GtidSet> decode(std::string_view bytes);

  void add(const Gtid& gtid) { add(gtid.uuid, gtid.tag, gtid.number, gtid.number + 1); }
  bool contains(const Gtid& gtid) const;
  bool empty() const { return sources_.empty(); }
  // One more than the largest number of this source, 1 if it has none.
  std::int64_t next_number(const std::string& uuid, const std::string& tag = {}) const;
  std::string text() const;
  std::string encode() const;
  bool operator==(const GtidSet&) const = default;

 private:
  using Source = std::pair<std::string, std::string>;      // uuid (16 raw bytes), tag
  using Intervals = std::map<std::int64_t, std::int64_t>;  // first -> one past the last
  void add(const std::string& uuid, const std::string& tag, std::int64_t first, std::int64_t end);
  std::map<Source, Intervals> sources_;
};

// 16 raw bytes <-> "3e11fa47-71ca-11e1-9e33-c80aa9429562".
std::string uuid_text(std::string_view raw);
Result<std::string> uuid_from_text(std::string_view text);

// The varint of MySQL's serialisation format (binlog.md section 5a), used by tagged GTIDs.
void append_varint(std::string& out, std::uint64_t value);
std::uint64_t read_varint(emulator::base::ByteReader& in);

}  // namespace pipeline::mysql::binlog
