#pragma once
// Terminals: the words with a meaning in the grammar, in one sorted table, and the symbols. In code a terminal is written as its text,
// accept("SELECT"), accept("<="), and becomes a number while compiling; a word that the table lacks does not compile.
// Reserved are the words of MySQL 8.4, as information_schema.KEYWORDS lists them.

#include <array>
#include <cstdint>
#include <string_view>

namespace pipeline::rds::sql {

struct WordRow {
  std::string_view text;
  bool reserved = false;
};

inline constexpr std::array word_table = std::to_array<WordRow>({
    {"ACCESSIBLE", true}, {"ACTION"}, {"ADD", true}, {"ADDDATE"}, {"ADMIN"}, {"AFTER"},
    {"AGAINST"}, {"AGGREGATE"}, {"ALGORITHM"}, {"ALL", true}, {"ALTER", true}, {"ALWAYS"},
    {"ANALYZE", true}, {"AND", true}, {"ANY"}, {"ARRAY"}, {"AS", true}, {"ASC", true}, {"ASCII"},
    {"ASENSITIVE", true}, {"AT"}, {"AUTOEXTEND_SIZE"}, {"AUTO_INCREMENT"}, {"AVG_ROW_LENGTH"},
    {"BEFORE", true}, {"BEGIN"}, {"BETWEEN", true}, {"BIGINT", true}, {"BINARY", true},
    {"BINARY_LOGS"}, {"BINLOG"}, {"BIT"}, {"BLOB", true}, {"BOOL"}, {"BOOLEAN"}, {"BOTH", true},
    {"BTREE"}, {"BY", true}, {"BYTE"}, {"CACHE"}, {"CALL", true}, {"CASCADE", true},
    {"CASE", true}, {"CAST"}, {"CHAIN"}, {"CHANGE", true}, {"CHANGED"}, {"CHANNEL"},
    {"CHAR", true}, {"CHARACTER", true}, {"CHARSET"}, {"CHECK", true}, {"CHECKSUM"}, {"CLONE"},
    {"COALESCE"}, {"CODE"}, {"COLLATE", true}, {"COLLATION"}, {"COLUMN", true}, {"COLUMNS"},
    {"COLUMN_FORMAT"}, {"COMMENT"}, {"COMMIT"}, {"COMMITTED"}, {"COMPACT"}, {"COMPONENT"},
    {"COMPRESSION"}, {"CONDITION", true}, {"CONNECTION"}, {"CONSISTENT"}, {"CONSTRAINT", true},
    {"CONTEXT"}, {"CONTINUE", true}, {"CONVERT", true}, {"COPY"}, {"COUNT"}, {"CREATE", true},
    {"CROSS", true}, {"CUBE", true}, {"CUME_DIST", true}, {"CURDATE"}, {"CURRENT"},
    {"CURRENT_DATE", true}, {"CURRENT_TIME", true}, {"CURRENT_TIMESTAMP", true},
    {"CURRENT_USER", true}, {"CURSOR", true}, {"CURTIME"}, {"DATA"}, {"DATABASE", true},
    {"DATABASES", true}, {"DATE"}, {"DATETIME"}, {"DATE_ADD"}, {"DATE_SUB"}, {"DAY"},
    {"DAY_HOUR", true}, {"DAY_MICROSECOND", true}, {"DAY_MINUTE", true}, {"DAY_SECOND", true},
    {"DEALLOCATE"}, {"DEC", true}, {"DECIMAL", true}, {"DECLARE", true}, {"DEFAULT", true},
    {"DEFINER"}, {"DELAYED", true}, {"DELAY_KEY_WRITE"}, {"DELETE", true}, {"DELIMITER"},
    {"DENSE_RANK", true}, {"DESC", true}, {"DESCRIBE", true}, {"DESCRIPTION"},
    {"DETERMINISTIC", true}, {"DIRECTORY"}, {"DISABLE"}, {"DISCARD"}, {"DISK"}, {"DISTINCT", true},
    {"DISTINCTROW", true}, {"DIV", true}, {"DO"}, {"DOUBLE", true}, {"DROP", true}, {"DUAL", true},
    {"DUMPFILE"}, {"DUPLICATE"}, {"DYNAMIC"}, {"EACH", true}, {"ELSE", true}, {"ELSEIF", true},
    {"EMPTY", true}, {"ENABLE"}, {"ENCLOSED", true}, {"ENCRYPTION"}, {"END"}, {"ENFORCED"},
    {"ENGINE"}, {"ENGINES"}, {"ENGINE_ATTRIBUTE"}, {"ENUM"}, {"ERROR"}, {"ERRORS"}, {"ESCAPE"},
    {"ESCAPED", true}, {"EVENT"}, {"EVENTS"}, {"EVERY"}, {"EXCEPT", true}, {"EXCHANGE"},
    {"EXCLUSIVE"}, {"EXECUTE"}, {"EXISTS", true}, {"EXIT", true}, {"EXPANSION"}, {"EXPLAIN", true},
    {"EXTENDED"}, {"EXTRACT"}, {"FALSE", true}, {"FETCH", true}, {"FIELDS"}, {"FILE"}, {"FIRST"},
    {"FIRST_VALUE", true}, {"FIXED"}, {"FLOAT", true}, {"FLOAT4", true}, {"FLOAT8", true},
    {"FLUSH"}, {"FOLLOWING"}, {"FOR", true}, {"FORCE", true}, {"FOREIGN", true}, {"FROM", true},
    {"FULL"}, {"FULLTEXT", true}, {"FUNCTION", true}, {"GENERAL"}, {"GENERATED", true},
    {"GEOMCOLLECTION"}, {"GEOMETRY"}, {"GEOMETRYCOLLECTION"}, {"GET", true}, {"GET_FORMAT"},
    {"GLOBAL"}, {"GRANT", true}, {"GRANTS"}, {"GROUP", true}, {"GROUPING", true}, {"GROUPS", true},
    {"GROUP_CONCAT"}, {"GROUP_REPLICATION"}, {"GTID_ONLY"}, {"HANDLER"}, {"HASH"},
    {"HAVING", true}, {"HELP"}, {"HIGH_PRIORITY", true}, {"HISTOGRAM"}, {"HOSTS"}, {"HOUR"},
    {"HOUR_MICROSECOND", true}, {"HOUR_MINUTE", true}, {"HOUR_SECOND", true}, {"IDENTIFIED"},
    {"IF", true}, {"IGNORE", true}, {"IMPORT"}, {"IN", true}, {"INDEX", true}, {"INDEXES"},
    {"INFILE", true}, {"INNER", true}, {"INOUT", true}, {"INPLACE"}, {"INSENSITIVE", true},
    {"INSERT", true}, {"INSERT_METHOD"}, {"INSTALL"}, {"INSTANCE"}, {"INSTANT"}, {"INT", true},
    {"INT1", true}, {"INT2", true}, {"INT3", true}, {"INT4", true}, {"INT8", true},
    {"INTEGER", true}, {"INTERSECT", true}, {"INTERVAL", true}, {"INTO", true}, {"INVISIBLE"},
    {"IO_AFTER_GTIDS", true}, {"IO_BEFORE_GTIDS", true}, {"IS", true}, {"ISOLATION"},
    {"ITERATE", true}, {"JOIN", true}, {"JSON"}, {"JSON_TABLE", true}, {"KEY", true},
    {"KEYS", true}, {"KEY_BLOCK_SIZE"}, {"KILL", true}, {"LAG", true}, {"LAST"},
    {"LAST_VALUE", true}, {"LATERAL", true}, {"LEAD", true}, {"LEADING", true}, {"LEAVE", true},
    {"LEFT", true}, {"LESS"}, {"LEVEL"}, {"LIKE", true}, {"LIMIT", true}, {"LINEAR", true},
    {"LINES", true}, {"LINESTRING"}, {"LIST"}, {"LOAD", true}, {"LOCAL"}, {"LOCALTIME", true},
    {"LOCALTIMESTAMP", true}, {"LOCK", true}, {"LOCKED"}, {"LOG"}, {"LOGFILE"}, {"LOGS"},
    {"LONG", true}, {"LONGBLOB", true}, {"LONGTEXT", true}, {"LOOP", true}, {"LOW_PRIORITY", true},
    {"MASTER"}, {"MATCH", true}, {"MAXVALUE", true}, {"MAX_ROWS"}, {"MEDIUMBLOB", true},
    {"MEDIUMINT", true}, {"MEDIUMTEXT", true}, {"MEMBER"}, {"MEMORY"}, {"MERGE"}, {"MICROSECOND"},
    {"MID"}, {"MIDDLEINT", true}, {"MINUTE"}, {"MINUTE_MICROSECOND", true},
    {"MINUTE_SECOND", true}, {"MIN_ROWS"}, {"MOD", true}, {"MODE"}, {"MODIFIES", true}, {"MODIFY"},
    {"MONTH"}, {"MULTILINESTRING"}, {"MULTIPOINT"}, {"MULTIPOLYGON"}, {"NAMES"}, {"NATIONAL"},
    {"NATURAL", true}, {"NCHAR"}, {"NO"}, {"NONE"}, {"NOT", true}, {"NOW"}, {"NOWAIT"},
    {"NO_WRITE_TO_BINLOG", true}, {"NTH_VALUE", true}, {"NTILE", true}, {"NULL", true},
    {"NUMERIC", true}, {"NVARCHAR"}, {"OF", true}, {"OFF"}, {"OFFSET"}, {"ON", true}, {"ONLY"},
    {"OPEN"}, {"OPTIMIZE", true}, {"OPTIMIZER_COSTS", true}, {"OPTION", true},
    {"OPTIONALLY", true}, {"OPTIONS"}, {"OR", true}, {"ORDER", true}, {"ORDINALITY"},
    {"OUT", true}, {"OUTER", true}, {"OUTFILE", true}, {"OVER", true}, {"OWNER"}, {"PACK_KEYS"},
    {"PARSER"}, {"PARTIAL"}, {"PARTITION", true}, {"PARTITIONING"}, {"PARTITIONS"}, {"PASSWORD"},
    {"PERCENT_RANK", true}, {"PERSIST"}, {"PERSIST_ONLY"}, {"PLUGIN"}, {"PLUGINS"}, {"POINT"},
    {"POLYGON"}, {"POSITION"}, {"PRECEDING"}, {"PRECISION", true}, {"PREPARE"}, {"PRIMARY", true},
    {"PRIVILEGES"}, {"PROCEDURE", true}, {"PROCESSLIST"}, {"PROFILE"}, {"PROFILES"},
    {"PURGE", true}, {"QUALIFY", true}, {"QUARTER"}, {"QUERY"}, {"QUICK"}, {"RANGE", true},
    {"RANK", true}, {"READ", true}, {"READS", true}, {"READ_WRITE", true}, {"REAL", true},
    {"REBUILD"}, {"RECURSIVE", true}, {"REDUNDANT"}, {"REFERENCE"}, {"REFERENCES", true},
    {"REGEXP", true}, {"RELAY"}, {"RELAYLOG"}, {"RELEASE", true}, {"REMOVE"}, {"RENAME", true},
    {"REORGANIZE"}, {"REPAIR"}, {"REPEAT", true}, {"REPEATABLE"}, {"REPLACE", true}, {"REPLICA"},
    {"REPLICAS"}, {"REQUIRE", true}, {"RESET"}, {"RESIGNAL", true}, {"RESOURCE"}, {"RESTART"},
    {"RESTRICT", true}, {"RETURN", true}, {"RETURNING"}, {"REVOKE", true}, {"RIGHT", true},
    {"RLIKE", true}, {"ROLE"}, {"ROLLBACK"}, {"ROLLUP"}, {"ROUTINE"}, {"ROW", true},
    {"ROWS", true}, {"ROW_FORMAT"}, {"ROW_NUMBER", true}, {"SAVEPOINT"}, {"SCHEMA", true},
    {"SCHEMAS", true}, {"SECOND"}, {"SECONDARY_ENGINE"}, {"SECONDARY_ENGINE_ATTRIBUTE"},
    {"SECONDARY_LOAD"}, {"SECONDARY_UNLOAD"}, {"SECOND_MICROSECOND", true}, {"SECURITY"},
    {"SELECT", true}, {"SENSITIVE", true}, {"SEPARATOR", true}, {"SERIAL"}, {"SERIALIZABLE"},
    {"SERVER"}, {"SESSION"}, {"SESSION_USER"}, {"SET", true}, {"SHARE"}, {"SHARED"},
    {"SHOW", true}, {"SHUTDOWN"}, {"SIGNAL", true}, {"SIGNED"}, {"SIMPLE"}, {"SKIP"}, {"SLAVE"},
    {"SLOW"}, {"SMALLINT", true}, {"SNAPSHOT"}, {"SOME"}, {"SONAME"}, {"SOUNDS"},
    {"SPATIAL", true}, {"SPECIFIC", true}, {"SQL", true}, {"SQLEXCEPTION", true},
    {"SQLSTATE", true}, {"SQLWARNING", true}, {"SQL_BIG_RESULT", true}, {"SQL_BUFFER_RESULT"},
    {"SQL_CALC_FOUND_ROWS", true}, {"SQL_NO_CACHE"}, {"SQL_SMALL_RESULT", true}, {"SQL_TSI_DAY"},
    {"SQL_TSI_HOUR"}, {"SQL_TSI_MINUTE"}, {"SQL_TSI_MONTH"}, {"SQL_TSI_QUARTER"},
    {"SQL_TSI_SECOND"}, {"SQL_TSI_WEEK"}, {"SQL_TSI_YEAR"}, {"SRID"}, {"SSL", true}, {"START"},
    {"STARTING", true}, {"STATS_AUTO_RECALC"}, {"STATS_PERSISTENT"}, {"STATS_SAMPLE_PAGES"},
    {"STATUS"}, {"STOP"}, {"STORAGE"}, {"STORED", true}, {"STRAIGHT_JOIN", true}, {"SUBDATE"},
    {"SUBPARTITION"}, {"SUBSTR"}, {"SUBSTRING"}, {"SYSDATE"}, {"SYSTEM", true}, {"SYSTEM_USER"},
    {"TABLE", true}, {"TABLES"}, {"TABLESAMPLE", true}, {"TABLESPACE"}, {"TEMPORARY"},
    {"TEMPTABLE"}, {"TERMINATED", true}, {"TEXT"}, {"THEN", true}, {"TIME"}, {"TIMESTAMP"},
    {"TIMESTAMPADD"}, {"TIMESTAMPDIFF"}, {"TINYBLOB", true}, {"TINYINT", true}, {"TINYTEXT", true},
    {"TO", true}, {"TRADITIONAL"}, {"TRAILING", true}, {"TRANSACTION"}, {"TRIGGER", true},
    {"TRIGGERS"}, {"TRIM"}, {"TRUE", true}, {"TRUNCATE"}, {"UNBOUNDED"}, {"UNCOMMITTED"},
    {"UNDO", true}, {"UNDO_BUFFER_SIZE"}, {"UNICODE"}, {"UNINSTALL"}, {"UNION", true},
    {"UNIQUE", true}, {"UNKNOWN"}, {"UNLOCK", true}, {"UNSIGNED", true}, {"UPDATE", true},
    {"UPGRADE"}, {"USAGE", true}, {"USE", true}, {"USER"}, {"USER_RESOURCES"}, {"USE_FRM"},
    {"USING", true}, {"UTC_DATE", true}, {"UTC_TIME", true}, {"UTC_TIMESTAMP", true},
    {"VALIDATION"}, {"VALUE"}, {"VALUES", true}, {"VARBINARY", true}, {"VARCHAR", true},
    {"VARCHARACTER", true}, {"VARIABLES"}, {"VARYING", true}, {"VCPU"}, {"VECTOR"}, {"VIEW"},
    {"VIEWS"}, {"VIRTUAL", true}, {"VISIBLE"}, {"WARNINGS"}, {"WEEK"}, {"WEIGHT_STRING"},
    {"WHEN", true}, {"WHERE", true}, {"WHILE", true}, {"WINDOW", true}, {"WITH", true},
    {"WITHOUT"}, {"WORK"}, {"WRITE", true}, {"X509"}, {"XA"}, {"XML"}, {"XOR", true}, {"YEAR"},
    {"YEAR_MONTH", true}, {"ZEROFILL", true},
});

class Terminal {
 public:
  constexpr Terminal() = default;  // neither a word of the table nor a symbol
  // NOLINTNEXTLINE(google-explicit-constructor): accept("FROM") is the point
  consteval Terminal(const char* text) : value_(constant(text)) {}

  static Terminal word(std::string_view text);  // ASCII letters in either case; Terminal() if the table lacks it
  static constexpr Terminal symbol(std::string_view text) {  // 1 to 3 characters
    Terminal out;
    out.value_ = pack(text);
    return out;
  }

  constexpr bool operator==(const Terminal&) const = default;
  constexpr bool reserved() const { return is_word() && row().reserved; }
  constexpr bool is_word() const { return value_ >= 0 && value_ < symbol_base; }
  constexpr std::string_view text() const { return is_word() ? row().text : std::string_view{}; }  // of a word, in upper case

 private:
  static constexpr std::int32_t symbol_base = 1 << 12;

  static constexpr std::int32_t pack(std::string_view text) {
    std::int32_t out = 0;
    for (char c : text) out = out << 8 | c;  // symbols are ASCII: the sum stays below 2^24
    return symbol_base + out;
  }
  static consteval std::int32_t constant(std::string_view text) {
    const bool letter = text[0] >= 'A' && text[0] <= 'Z';
    return letter ? find(text) : pack(text);
  }
  static consteval std::int32_t find(std::string_view text) {
    for (std::size_t low = 0, high = word_table.size(); low < high;) {
      const std::size_t middle = (low + high) / 2;
      if (word_table[middle].text == text) return static_cast<std::int32_t>(middle);
      if (word_table[middle].text < text) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    throw "not a word of the table";  // never runs: it makes the call no constant expression
  }
  constexpr const WordRow& row() const { return word_table[static_cast<std::size_t>(value_)]; }

  std::int32_t value_ = -1;
};

}  // namespace pipeline::rds::sql
