#pragma once
// MySQL's errors: number, SQLSTATE, message, in MySQL's words.
// https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace pipeline::rds {

struct SqlError {
  int code = 0;          // 1062
  std::string sqlstate;  // "23000"
  std::string message;   // "Duplicate entry '1' for key 'Persons.PRIMARY'"
  std::size_t offset =
      0;  // where in the text given to execute or execute_script; 0 also where unknown

  std::string text() const;  // "ERROR 1062 (23000): Duplicate entry ..."
};

template <class T>
using Result = tl::expected<T, SqlError>;

// Fills in the SQLSTATE from the table in error.cpp.
tl::unexpected<SqlError> sql_error(int code, std::string message, std::size_t offset = 0);
// ER_NOT_SUPPORTED_YET: 1235 naming the feature and engine = "mysqld".
tl::unexpected<SqlError> not_supported(std::string_view feature, std::size_t offset = 0);

}  // namespace pipeline::rds
