#include <fmt/format.h>

#include "emulator/base/text.h"
#include "tests/pipeline/mysql/random_sql.h"

namespace pipeline::mysql::live {

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// The number in "varchar(20)"; what a type has room for where it says none.
std::uint64_t size_in(const std::string& type, std::uint64_t otherwise) {
  const auto open = type.find('(');
  if (open == std::string::npos) return otherwise;
  const auto end = type.find_first_of(",)", open);
  return emulator::base::parse_unsigned(std::string_view(type).substr(open + 1, end - open - 1))
      .value_or(otherwise);
}

}  // namespace

std::string RandomSql::create_database(const std::string& name) {
  return fmt::format("CREATE DATABASE {}{}", name,
                     one_of<std::string>({"", " CHARACTER SET latin1",
                                          " /*!40100 DEFAULT CHARACTER SET utf8mb4 */",
                                          " DEFAULT COLLATE = utf8mb3_bin"}));
}

std::string RandomSql::type() {
  const auto n = [&](std::uint64_t low, std::uint64_t high) {
    return std::to_string(low + below(high - low + 1));
  };
  const std::string charset =
      one_of<std::string>({"",
                           "",
                           "",
                           " CHARACTER SET latin1",
                           " CHARSET utf8mb3",
                           " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
                           " COLLATE latin1_bin",
                           " CHARACTER SET utf16",
                           " CHARACTER SET ucs2",
                           " CHARACTER SET cp1251",
                           " CHARACTER SET gbk",
                           " CHARACTER SET sjis",
                           " CHARACTER SET utf32",
                           " ASCII",
                           " UNICODE",
                           " BINARY",
                           " CHARSET greek",
                           " CHARSET koi8r",
                           " CHARSET big5",
                           " CHARSET cp932",
                           " CHARSET ujis",
                           " CHARSET euckr",
                           " CHARSET gb2312",
                           " CHARSET hebrew",
                           " CHARSET cp1257",
                           " CHARSET swe7",
                           " CHARSET macce",
                           " CHARSET utf16le",
                           is_mysql_ ? " CHARSET gb18030" : " CHARSET tis620"});
  const std::string sign = one_of<std::string>({"", "", " UNSIGNED", " SIGNED"});
  std::vector<std::string> types{"TINYINT" + sign,
                                 "BOOL",
                                 "SMALLINT" + sign,
                                 "MEDIUMINT" + sign,
                                 "INT" + sign,
                                 "INTEGER(7)" + sign,
                                 "BIGINT" + sign,
                                 "INT(5) UNSIGNED ZEROFILL",
                                 "DECIMAL(" + n(1, 65) + ")" + sign,
                                 "DEC",
                                 "NUMERIC(30,30)",
                                 "DECIMAL(65,30)",
                                 "FIXED(" + n(20, 40) + "," + n(0, 20) + ")",
                                 "FLOAT",
                                 "FLOAT(25)",
                                 "DOUBLE" + sign,
                                 "DOUBLE PRECISION",
                                 "REAL",
                                 "BIT",
                                 "BIT(" + n(1, 64) + ")",
                                 "DATE",
                                 "TIME",
                                 "TIME(" + n(0, 6) + ")",
                                 "DATETIME",
                                 "DATETIME(" + n(0, 6) + ")",
                                 "TIMESTAMP NULL",
                                 "TIMESTAMP(" + n(1, 6) + ") NULL",
                                 "YEAR",
                                 "CHAR" + charset,
                                 "CHAR(" + n(1, 255) + ")" + charset,
                                 "VARCHAR(" + n(0, 60) + ")" + charset,
                                 "VARCHAR(" + n(256, 400) + ")" + charset,
                                 "NCHAR(" + n(1, 9) + ")",
                                 "NATIONAL VARCHAR(8)",
                                 "BINARY(" + n(1, 20) + ")",
                                 "VARBINARY(" + n(1, 300) + ")",
                                 "CHAR(5) BYTE",
                                 "TINYTEXT" + charset,
                                 "TEXT" + charset,
                                 "TEXT(" + n(1, 300) + ")" + charset,
                                 "MEDIUMTEXT" + charset,
                                 "LONGTEXT" + charset,
                                 "LONG VARCHAR",
                                 "TINYBLOB",
                                 "BLOB",
                                 "BLOB(" + n(1, 70000) + ")",
                                 "MEDIUMBLOB",
                                 "LONGBLOB",
                                 "LONG VARBINARY",
                                 "ENUM('a','b''c','d,e  ','é','\\\\x','(')",
                                 "ENUM('é','ü','x') CHARACTER SET latin1",
                                 "SET('r','g','b','ö')",
                                 "SET('1','2','3','4','5','6','7','8','9') COLLATE utf8mb4_bin",
                                 "JSON",
                                 "JSON",
                                 "GEOMETRY",
                                 "POINT",
                                 "POLYGON",
                                 "CHAR(300)"};
  types.pop_back();  // what no server takes
  if (is_mysql_) types.insert(types.end(), {"VECTOR(3)", "JSON", "GEOMCOLLECTION"});
  if (!is_mysql_)
    types.insert(types.end(), {"UUID", "INET4", "INET6", "VARCHAR(100) COMPRESSED",
                               "TEXT COMPRESSED", "VARBINARY(50) COMPRESSED"});
  std::string out = one_of(types);
  // CONVERT TO CHARACTER SET leaves the labels of ENUM and SET in the bytes of the old charset on
  // both servers: SELECT gives broken text then.
  const bool labels = has(out, "ENUM") || has(out, "SET(");
  if (labels && converts_)
    for (const char* letter : {"é", "ü", "ö"})
      if (const auto at = out.find(letter); at != std::string::npos)
        out.replace(at, std::string(letter).size(), "e" + std::to_string(letter[1] & 7));
  return out;
}

std::string RandomSql::definition(const std::string& name) {
  std::string out = type();
  const bool plain = has(out, "INT") && !has(out, "ZEROFILL") && !has(out, "POINT");
  if (plain && chance(30)) out += " NOT NULL DEFAULT " + std::to_string(below(100));
  if (chance(20))
    out += one_of<std::string>({" COMMENT 'a, (b) `c` \\' d'", " NULL", " /* why */",
                                is_mysql_ ? " INVISIBLE" : " DEFAULT NULL INVISIBLE"});
  if (is_mysql_ && (has(out, "NOT NULL") && has(out, "INVISIBLE"))) return "`" + name + "` INT";
  return "`" + name + "` " + out;
}

std::string RandomSql::create_table(const std::string& name) {
  const int kind = static_cast<int>(below(4));
  std::string body;
  const bool inline_key = kind == 0;
  if (kind <= 1)
    body = fmt::format("id INT{} NOT NULL AUTO_INCREMENT{}", chance(50) ? " UNSIGNED" : "",
                       inline_key ? " PRIMARY KEY" : "");
  if (kind == 2) body = "a VARCHAR(20) CHARACTER SET latin1 NOT NULL, b BIGINT NOT NULL";
  if (kind == 3) body = "n INT";
  const std::size_t columns = 2 + below(12);
  for (std::size_t i = 0; i < columns; ++i)
    body += fmt::format(",{} {}", chance(10) ? " -- a comment, with ) in it\n" : "",
                        definition(fmt::format("c{}", next_column_++)));
  if (kind <= 1 && chance(40))
    body += fmt::format(", `g{}` INT {} AS (21 + 0) {}", next_column_++,
                        chance(50) ? "GENERATED ALWAYS" : "", chance(50) ? "STORED" : "VIRTUAL");
  if (kind <= 1 && chance(30)) body += ", CONSTRAINT CHECK (1 > 0)";
  if (kind == 1) body += ", PRIMARY KEY USING BTREE (id)";
  if (kind == 2) body += ", PRIMARY KEY (b, a(5) DESC)";
  if (kind == 3 && chance(50)) body += ", KEY k (n)";
  std::string out =
      fmt::format("CREATE TABLE {}`{}` ({})", chance(20) ? "IF NOT EXISTS " : "", name, body);
  if (chance(50))
    out += one_of<std::string>({" ENGINE=InnoDB", " COMMENT='CHARSET=x'", " ROW_FORMAT=DYNAMIC"});
  if (chance(50))
    out += one_of<std::string>({" DEFAULT CHARSET=latin1", " CHARACTER SET utf8mb4",
                                " COLLATE=utf8mb3_general_ci", " CHARSET cp1251"});
  if (kind <= 1 && !has(body, "GEOM") && !has(body, "POINT") && !has(body, "POLYGON") && chance(15))
    out += " PARTITION BY HASH (id) PARTITIONS 3";
  if (!is_mysql_ && kind <= 1 && !has(out, "PARTITION") && chance(15))
    out += " WITH SYSTEM VERSIONING";
  return out;
}

// Clauses that one of the servers has, and those that change a column without its type.
std::string RandomSql::seldom_altered(const std::string& column, const std::string& position) {
  const std::string added = definition(fmt::format("c{}", next_column_++));
  const std::string key = fmt::format("k{}", next_column_);
  std::vector<std::string> clauses{
      fmt::format("ALTER COLUMN {} SET DEFAULT '7'", column),
      fmt::format("ALTER {} DROP DEFAULT", column),
      fmt::format("ADD INDEX {} ({})", key, column),
      fmt::format("ADD CONSTRAINT {} UNIQUE KEY ({}, id)", key, column),
      fmt::format("ADD PRIMARY KEY ({}, id)", column),
      "ORDER BY " + column,
      "PARTITION BY HASH (id) PARTITIONS 2",
      "REMOVE PARTITIONING",
      fmt::format("MODIFY COLUMN {} BIGINT UNSIGNED ZEROFILL{}", column, position),
      fmt::format("MODIFY {} VARCHAR(255) CHARACTER SET latin1{}", column, position),
      fmt::format("MODIFY {} VARCHAR(256) CHARACTER SET latin1 COLLATE latin1_bin{}", column,
                  position),
      fmt::format("CHANGE {0} {0} TEXT{1}", column, position)};
  if (is_mysql_)
    clauses.insert(clauses.end(), {fmt::format("ALTER COLUMN {} SET INVISIBLE", column),
                                   fmt::format("ALTER COLUMN {} SET VISIBLE", column),
                                   fmt::format("ADD COLUMN {}, ALGORITHM=INSTANT", added),
                                   fmt::format("DROP COLUMN {}, ALGORITHM=INSTANT", column)});
  else
    clauses.insert(clauses.end(), {fmt::format("ADD COLUMN IF NOT EXISTS {}{}", added, position),
                                   fmt::format("ADD COLUMN IF NOT EXISTS {} INT", column),
                                   fmt::format("DROP COLUMN IF EXISTS {}", column),
                                   fmt::format("MODIFY COLUMN IF EXISTS {} LONGTEXT", column),
                                   fmt::format("CHANGE COLUMN IF EXISTS {} {}", column, added),
                                   "ADD SYSTEM VERSIONING", "DROP SYSTEM VERSIONING"});
  return one_of(clauses);
}

std::string RandomSql::alter_table(const std::string& name) {
  std::string out = fmt::format("ALTER TABLE `{}` ", name);
  const auto old = [&] {
    return fmt::format("`c{}`", below(static_cast<std::uint64_t>(next_column_) + 1));
  };
  const auto position = [&] { return one_of<std::string>({"", "", " FIRST", " AFTER " + old()}); };
  const std::size_t clauses = 1 + below(2);
  for (std::size_t i = 0; i < clauses; ++i) {
    if (i > 0) out += ", ";
    switch (below(10)) {
      case 0:
      case 1:
        out += "ADD " + std::string(chance(50) ? "COLUMN " : "") +
               definition(fmt::format("c{}", next_column_++)) + position();
        break;
      case 2:
        out += fmt::format("ADD ({}, {})", definition(fmt::format("c{}", next_column_)),
                           definition(fmt::format("c{}", next_column_ + 1)));
        next_column_ += 2;
        break;
      case 3:
        out += "DROP " + std::string(chance(50) ? "COLUMN " : "") + old();
        break;
      case 4: {
        const std::string from = old();
        out += "MODIFY " + from + definition("").substr(2) + position();
        break;
      }
      case 5:
        out += fmt::format("CHANGE COLUMN {} {}{}", old(),
                           definition(fmt::format("c{}", next_column_++)), position());
        break;
      case 6:
        out += fmt::format("RENAME COLUMN {} TO `c{}`", old(), next_column_++);
        break;
      case 7:
        out += converts_
                   ? one_of<std::string>({"CONVERT TO CHARACTER SET utf8mb4",
                                          "CONVERT TO CHARSET utf8mb3 COLLATE utf8mb3_bin"})
                   : one_of<std::string>({"DEFAULT CHARACTER SET latin1", "COLLATE = utf8mb4_bin"});
        break;
      case 8:
        out += seldom_altered(old(), position());
        break;
      default:
        out += one_of<std::string>({"FORCE", "COMMENT = 'x, ADD y INT'", "ALGORITHM=COPY",
                                    "ENGINE=InnoDB", "DROP PRIMARY KEY"});
        break;
    }
  }
  return out;
}

std::string RandomSql::text(std::size_t characters_max) {
  static const std::vector<std::string> pieces{"a", "B",  " ",  "é",  "ß", "ü",  "0", "x",
                                               "'", "\\", "\n", "\"", "Ж", "日", "€", "😀"};
  std::string out = "'";
  std::size_t n = below(std::min<std::size_t>(characters_max, 30) + 1);
  if (chance(3)) n = std::min<std::size_t>(characters_max, 2000);
  for (std::size_t i = 0; i < n; ++i) {
    const std::string& piece = pieces[chance(85) ? below(8) : below(pieces.size())];
    out += piece == "'" ? "''" : piece == "\\" ? "\\\\" : piece;
  }
  return out + "'";
}

std::string RandomSql::json(int depth) {
  switch (below(depth > 3 ? 6 : 8)) {
    case 0:
      return one_of<std::string>({"null", "true", "false"});
    case 1:
      return one_of<std::string>({"0", "-1", "65535", "-32769", "2147483648",
                                  "-9223372036854775808", "18446744073709551615"});
    case 2:
      return one_of<std::string>(
          {"1.0", "-0.0", "1e308", "0.1", "3.14", "1e-10", "123456789012345680000"});
    case 3:
      return one_of<std::string>(
          {R"("")", R"("a\\"b")", R"("é\\n\\t")", R"("\\u0001😀")", R"("/\\\\")"});
    case 4:
      return "\"" + std::string(below(400), 'x') + "\"";
    case 5:
      return std::to_string(below(100000));
    case 6: {
      std::string out = "[";
      for (std::size_t i = below(5); i > 0; --i) out += json(depth + 1) + (i > 1 ? "," : "");
      return out + "]";
    }
    default: {
      std::string out = "{";
      for (std::size_t i = below(5); i > 0; --i)
        out += "\"k" + std::string(below(3), 'y') + std::to_string(i) + "\":" + json(depth + 1) +
               (i > 1 ? "," : "");
      return out + "}";
    }
  }
}

std::string RandomSql::literal(const std::string& type) {
  if (chance(12)) return "NULL";
  const auto clock = [&] {
    return fmt::format("{:02}:{:02}:{:02}.{:06}", below(24), below(60), below(60), below(1000000));
  };
  const auto date = [&] {
    return chance(10)
               ? std::string("0000-00-00")
               : fmt::format("{:04}-{:02}-{:02}", 1000 + below(9000), 1 + below(12), 1 + below(28));
  };
  if (has(type, "enum") || has(type, "set(")) return std::to_string(chance(20) ? 1 : below(3));
  if (has(type, "char(") || has(type, "text"))
    return text(has(type, "longtext") && !is_mysql_ ? 0 : size_in(type, 255));
  if (has(type, "binary(") || has(type, "blob")) {
    std::string bytes;
    for (std::size_t i = below(std::min<std::uint64_t>(size_in(type, 40), 60) + 1); i > 0; --i)
      bytes.push_back(static_cast<char>(chance(20) ? 0 : below(256)));
    return "x'" + emulator::base::to_hex(bytes) + "'";
  }
  if (type == "json") {
    const std::string document = json(0);
    if (is_mysql_ && chance(20))
      return one_of<std::string>(
          {"JSON_OBJECT('d', CAST('2020-02-03' AS DATE), 't', CAST('-12:34:56.5' AS TIME(2)), "
           "'dt', CAST('2020-01-02 03:04:05.678901' AS DATETIME(6)))",
           "JSON_ARRAY(CAST(-12.5 AS DECIMAL(10,3)), CAST(0 AS DECIMAL(5,2)), b'101', x'00ff', "
           "1e300, CAST(1 AS UNSIGNED))",
           "JSON_OBJECT('b', CAST('abc' AS BINARY), 'y', CAST(2020 AS YEAR), 'ts', "
           "TIMESTAMP'2001-02-03 04:05:06')"});
    return "'" + document + "'";
  }
  if (type == "uuid")
    return "'" +
           fmt::format("{:08x}-0000-1000-8000-{:012x}", below(1ull << 32), below(1ull << 48)) + "'";
  if (type == "inet4") return fmt::format("'{}.{}.0.{}'", below(256), below(256), below(256));
  if (type == "inet6")
    return one_of<std::string>({"'::'", "'::1'", "'2001:db8::ff00:42:8329'", "'::ffff:1.2.3.4'"});
  if (has(type, "point"))
    return fmt::format("ST_GeomFromText('POINT({} {})'{})", below(90), below(90),
                       chance(50) ? ", 4326" : "");
  if (has(type, "polygon")) return "ST_GeomFromText('POLYGON((0 0,0 3,3 3,0 0))')";
  if (has(type, "geom"))
    return type == "geometry" ? "ST_GeomFromText('LINESTRING(0 0,1.5 -2)')"
                              : "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2))')";
  if (has(type, "vector")) return fmt::format("TO_VECTOR('[1, -2.5, {}]')", below(1000));
  if (has(type, "datetime")) return "'" + date() + " " + clock() + "'";
  if (has(type, "timestamp"))
    return fmt::format("'{}-{:02}-{:02} {}'", 1971 + below(60), 1 + below(12), 1 + below(28),
                       clock());
  if (has(type, "date")) return "'" + date() + "'";
  if (has(type, "time"))
    return fmt::format("'{}{}'", chance(40) ? "-" : "", chance(20) ? "838:59:58.999999" : clock());
  if (has(type, "year")) return std::to_string(chance(20) ? 0 : 1901 + below(255));
  if (has(type, "bit("))
    return std::to_string(size_in(type, 1) >= 64 ? random_()
                                                 : random_() % (1ull << size_in(type, 1)));
  if (has(type, "float") || has(type, "double"))
    return one_of<std::string>({"0", "-1.5", "1e10", "3.4028234e38", "1.17549435e-38", "0.1",
                                "1e-5", "123456.789", "1e15",
                                has(type, "double") ? "1.7976931348623157e308" : "7"});
  if (has(type, "decimal"))
    return (chance(40) ? "-" : "") + std::to_string(below(chance(50) ? 10 : 1000000000)) + "." +
           std::to_string(below(1000000));
  return (chance(30) ? "-" : "") + std::to_string(chance(30) ? random_() >> 1 : below(300));
}

std::string RandomSql::assignments(const Columns& columns) {
  std::string out;
  for (std::size_t i = 1 + below(3); i > 0; --i) {
    const auto& [name, type] = one_of(columns);
    const bool partial = is_mysql_ && type == "json" && chance(70);
    const std::string value =
        partial
            ? fmt::format("JSON_SET(`{0}`, '$.k1', {1}, '$.new{1}', JSON_ARRAY(1), '$[1]', 'x')",
                          name, below(100))
            : literal(type);
    out += fmt::format("{}`{}` = {}", out.empty() ? "" : ", ", name, value);
  }
  return out;
}

std::string RandomSql::condition(const Columns& columns) {
  const std::string& name = one_of(columns).first;
  return one_of<std::string>({fmt::format("`{}` IS NOT NULL", name),
                              fmt::format("length(`{}`) % 3 = {}", name, below(3)),
                              "rand(" + std::to_string(below(1000)) + ") < 0.3"}) +
         " LIMIT " + std::to_string(1 + below(5));
}

std::string RandomSql::row_change(const std::string& table, const Columns& columns) {
  const auto kind = below(10);
  if (kind >= 8) return fmt::format("DELETE FROM `{}` WHERE {}", table, condition(columns));
  if (kind >= 5)
    return fmt::format("UPDATE IGNORE `{}` SET {} WHERE {}", table, assignments(columns),
                       condition(columns));
  std::string names, rows;
  std::vector<std::pair<std::string, std::string>> chosen;
  for (const auto& column : columns)
    if (chance(85)) chosen.push_back(column);
  for (const auto& [name, type] : chosen) names += (names.empty() ? "`" : ", `") + name + "`";
  for (std::size_t i = 1 + below(4); i > 0; --i) {
    std::string row;
    for (const auto& [name, type] : chosen) row += (row.empty() ? "" : ", ") + literal(type);
    rows += (rows.empty() ? "(" : ", (") + row + ")";
  }
  if (kind == 4) return fmt::format("REPLACE INTO `{}` ({}) VALUES {}", table, names, rows);
  return fmt::format("INSERT IGNORE INTO `{}` ({}) VALUES {}{}", table, names, rows,
                     kind == 3 && !chosen.empty()
                         ? fmt::format(" ON DUPLICATE KEY UPDATE `{0}` = `{0}`", chosen[0].first)
                         : "");
}

}  // namespace pipeline::mysql::live
