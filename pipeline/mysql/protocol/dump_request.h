#pragma once
// What a replica says before the server streams its log, by flavour: settings of the session, then
// COM_REGISTER_SLAVE and a COM_BINLOG_DUMP. Sans I/O.

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/mysql/change_source.h"
#include "pipeline/mysql/protocol/binlog_stream.h"

namespace pipeline::mysql::protocol {

struct DumpRequest {
  std::vector<std::string> settings;  // SQL
  std::string registration;           // a command's payload
  std::string dump;                   // another
};

// `from` is a Position or a FromGtidSet: FromNow must have become a Position. options.server_id is
// set.
Result<DumpRequest> make_dump_request(const Handshake& server, const StreamFrom& from,
                                      const StreamOptions& options);

}  // namespace pipeline::mysql::protocol
