#pragma once
// The tables of a running server as its log describes them at a position: information_schema tells
// what holds now, and the log whether that held at the position too.

#include <optional>

#include "pipeline/mysql/change_source.h"
#include "pipeline/mysql/protocol/connection.h"
#include "pipeline/mysql/schema_tracker.h"

namespace pipeline::rds::external {

// `at` is of a moment ago. nullopt: DDL has run since, so what the server says now need not have
// held there.
mysql::protocol::Result<std::optional<mysql::SchemaTracker>> schema_at(
    const mysql::protocol::ConnectOptions& server, const mysql::Position& at);

// What information_schema says now.
mysql::protocol::Result<mysql::SchemaTracker> tables_now(
    const mysql::protocol::ConnectOptions& server);

}  // namespace pipeline::rds::external
