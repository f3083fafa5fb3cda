#pragma once
// What a MySQL source must have for ongoing changes (dms.md section 7): what DMS finds out when a
// task starts, and its premigration assessment says before, under the same names.

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/mysql/change_source.h"

namespace pipeline::dms {

struct Finding {
  enum class Verdict { passed, warning, failed };
  std::string_view check;  // "mysql-check-binlog-format"
  Verdict verdict = Verdict::passed;
  std::string message = {};
};

// One for each check, in order.
std::vector<Finding> check_source(mysql::ChangeSource& source);

}  // namespace pipeline::dms
