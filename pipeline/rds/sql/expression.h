#pragma once
// Expressions of MySQL's dialect as a tree. Nodes, lists and unescaped strings live in the arena of
// the Statement they belong to (statement.h): pointers are never owned, nothing is freed node by
// node, and a tree is at most max_depth deep, so that walking it by recursion is safe. Every name
// and string is a view, into the text that was parsed or into the arena.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pipeline::rds::sql {

struct Expr;
struct Query;
using ExprPtr = const Expr*;  // nullptr where an optional part is missing
using ExprList = std::span<const ExprPtr>;
using Names = std::span<const std::string_view>;

inline constexpr int max_depth = 500;  // of a tree, and of parentheses and subqueries in each other

enum class ExprKind : std::uint8_t {
  // Literals
  null,
  boolean,     // TRUE, FALSE: text "1" or "0"
  integer,     // text = digits, no sign, value below 2^64 (a longer one is a decimal)
  decimal,     // text = "1.50", ".5", "7."
  real,        // text = "1e10"
  string,      // text = the value, unescaped, adjacent literals joined
  hex,         // x'4142', 0x4142: text = the bytes
  bit,         // b'101', 0b101: text = the bytes, most significant first, zero bits put in front
  date,        // DATE '2024-01-02': text as written between the quotes. Not checked
  time,        // TIME '10:00:00'
  datetime,    // TIMESTAMP '2024-01-02 10:00:00'
  introduced,  // _utf8mb4'abc', N'abc': text = charset, args[0] = string, hex or bit
  // Names
  column,           // text = column; qualifier = its table and schema, if said
  star,             // * or t.* (qualifier): in a select list and in COUNT(*)
  user_variable,    // @x: text = "x"
  system_variable,  // @@x, @@global.x: text = "x", scope
  placeholder,      // ?
  // Values that only INSERT and UPDATE know
  default_keyword,  // DEFAULT as a value
  default_of,       // DEFAULT(column): args[0]
  values_of,        // VALUES(column) after ON DUPLICATE KEY UPDATE: args[0]
  // Operators
  unary,        // op, args[0]
  binary,       // op, args[0], args[1]; -> and ->> are the functions JSON_EXTRACT and JSON_UNQUOTE
  logical_and,  // args: two or more
  logical_or,   // args: two or more
  is_null,      // args[0]; negated
  is_true,      // args[0]; negated
  is_false,     // args[0]; negated
  is_unknown,   // args[0]; negated
  between,      // args: value, low, high; negated
  in_list,      // args: value, then the list; negated
  in_query,     // args[0], query; negated
  like,         // args: value, pattern[, escape]; negated
  regexp,       // args: value, pattern; negated. RLIKE too
  quantified,   // args[0] op ANY|ALL (query): text = "ANY" or "ALL"
  assign,       // @x := value: text = "x", args[0]
  collate,      // args[0] COLLATE text
  interval,  // INTERVAL args[0] text: text = unit in upper case, "DAY_HOUR". Only as an operand of
             // + and -, and as an argument
  // Calls
  function,  // text = name in upper case (see canonical names below); distinct; group_concat
  keyword,   // the unit in EXTRACT(unit, x), TIMESTAMPADD(unit, n, x), TIMESTAMPDIFF(unit, a, b),
             // GET_FORMAT(DATE, 'x'): text in upper case
  cast,      // CAST(args[0] AS type), CONVERT(args[0], type), BINARY args[0]; type
  convert_using,  // CONVERT(args[0] USING text)
  case_when,      // args: operand or nullptr, (when, then)..., else or nullptr
  row,            // (a, b), ROW(a, b): args
  subquery,       // (SELECT ...): query
  exists,         // EXISTS (SELECT ...): query
};
// Canonical names: one spelling a function, whatever the user wrote.
//   NOW = CURRENT_TIMESTAMP, LOCALTIME, LOCALTIMESTAMP, with and without (); CURDATE =
//   CURRENT_DATE; CURTIME = CURRENT_TIME; SUBSTRING = SUBSTR, MID; LOCATE(a, b) = POSITION(a IN b);
//   USER = SESSION_USER, SYSTEM_USER; DATE_ADD = ADDDATE with INTERVAL; DATE_SUB = SUBDATE with
//   INTERVAL; TRIM, TRIM_LEADING, TRIM_TRAILING (subject[, what is removed]); JSON_EXTRACT,
//   JSON_UNQUOTE for -> and ->>; DAY = DAYOFMONTH; CHAR_LENGTH = CHARACTER_LENGTH; LOWER = LCASE;
//   UPPER = UCASE; POW = POWER; STDDEV = STD, STDDEV_POP; VARIANCE = VAR_POP.

enum class Operator : std::uint8_t {
  none,
  // unary
  plus_sign,
  minus_sign,
  bit_invert,   // ~
  logical_not,  // NOT, !
  // binary
  equal,
  null_safe_equal,  // <=>
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  add,
  subtract,
  multiply,
  divide,
  integer_divide,  // DIV
  modulo,          // %, MOD
  bit_or,
  bit_and,
  bit_xor,
  shift_left,
  shift_right,
  logical_xor,
  concat,  // || under PIPES_AS_CONCAT
  sounds_like,
  member_of,
};
std::string_view spelling(Operator op);  // "<=>", "DIV"

enum class Scope : std::uint8_t { unsaid, session, global, persist, persist_only };

struct Qualifier {
  std::string_view schema;  // may be empty
  std::string_view table;
};

// One entry of ORDER BY or GROUP BY.
struct OrderItem {
  ExprPtr expr = nullptr;
  bool descending = false;
};

struct GroupConcat {
  std::span<const OrderItem> order_by;
  std::optional<std::string_view> separator;  // MySQL's default is ","
};

enum class TypeName : std::uint8_t {
  tinyint,
  smallint,
  mediumint,
  integer,
  bigint,
  decimal,
  float32,
  float64,
  bit,
  date,
  time,
  datetime,
  timestamp,
  year,
  character,
  varchar,
  binary,
  varbinary,
  tinytext,
  text,
  mediumtext,
  longtext,
  tinyblob,
  blob,
  mediumblob,
  longblob,
  enumeration,
  set,
  json,
  vector,
  geometry,
  point,
  linestring,
  polygon,
  multipoint,
  multilinestring,
  multipolygon,
  geometrycollection,
  signed_integer,
  unsigned_integer,  // CAST only
};

// The type of a column, or what CAST names. Synonyms are resolved: BOOL is tinyint(1), INTEGER is
// integer, NUMERIC is decimal, NATIONAL VARCHAR is varchar with charset "utf8mb3", CHAR BYTE is
// binary, TEXT(300) stays text with a length.
struct TypeSpec {
  TypeName name = TypeName::integer;
  std::uint32_t offset = 0;
  std::optional<std::uint64_t> length;  // of strings; precision of numbers; fraction digits of
                                        // temporal types; display width of integers
  std::optional<std::uint32_t> scale;
  bool is_unsigned = false;
  bool zerofill = false;
  bool binary_collation = false;  // the BINARY attribute: the _bin collation of the charset
  bool is_array = false;          // CAST(... AS type ARRAY)
  std::string_view charset;       // "" = not said
  std::string_view collation;     // "" = not said
  std::optional<std::uint32_t> srid;
  Names labels;  // ENUM and SET
};
// As information_schema.COLUMNS.COLUMN_TYPE of MySQL 8.4 writes it: "int unsigned",
// "decimal(10,0)", "enum('a','b')", "tinyint(1)".
std::string column_type(const TypeSpec& type);

struct Expr {
  ExprKind kind = ExprKind::null;
  Operator op = Operator::none;
  bool negated = false;
  bool distinct = false;  // of a function: COUNT(DISTINCT x)
  Scope scope = Scope::unsaid;
  std::uint16_t depth = 1;
  std::uint32_t offset = 0;  // the node is text[offset, end)
  std::uint32_t end = 0;
  std::string_view text;
  ExprList args;
  const Qualifier* qualifier = nullptr;
  const Query* query = nullptr;
  const TypeSpec* type = nullptr;
  const GroupConcat* group_concat = nullptr;

  std::string_view table() const { return qualifier ? qualifier->table : std::string_view{}; }
  std::string_view schema() const { return qualifier ? qualifier->schema : std::string_view{}; }
  bool is_function(std::string_view name) const {
    return kind == ExprKind::function && text == name;
  }
};

}  // namespace pipeline::rds::sql
