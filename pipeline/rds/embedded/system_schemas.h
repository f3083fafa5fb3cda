#pragma once
// The schemas that every MySQL server has. mysql and sys have real tables with rows, some of them
// RDS's own (rds_configuration, rds_heartbeat2): a mapping of schema `%` catches them, as it does
// on RDS. They are made once and never logged.

#include "emulator/base/result.h"
#include "pipeline/rds/embedded/storage.h"

namespace pipeline::rds::embedded {

emulator::base::Result<void> make_system_schemas(Storage& storage);

}  // namespace pipeline::rds::embedded
