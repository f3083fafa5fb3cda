#pragma once
// The address of a server as people write it:
// mysql://user:password@host:port?ssl-mode=VERIFY_CA&ssl-ca=ca.pem (mariadb:// is the same). Parts
// are percent-encoded; options are those of MySQL's own URIs. Without a port 3306, without a user
// root.

#include <string_view>

#include "emulator/base/result.h"
#include "pipeline/mysql/protocol/connection.h"

namespace pipeline::mysql::protocol {

bool is_server_url(std::string_view text);
// An Error names the part that is wrong, never the password.
emulator::base::Result<ConnectOptions> parse_server_url(std::string_view text);

}  // namespace pipeline::mysql::protocol
