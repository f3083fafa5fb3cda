#include "pipeline/rds/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pipeline::rds {
namespace {

struct ErrorRow {
  int code;
  std::string_view sqlstate;
};

// MySQL Server Error Message Reference: every error whose SQLSTATE is not the general HY000, in the
// order of the numbers.
constexpr std::array error_table{
    ErrorRow{1022, "23000"},  // ER_DUP_KEY
    ErrorRow{1037, "HY001"},  // ER_OUTOFMEMORY
    ErrorRow{1040, "08004"},  // ER_CON_COUNT_ERROR
    ErrorRow{1042, "08S01"},  // ER_BAD_HOST_ERROR
    ErrorRow{1043, "08S01"},  // ER_HANDSHAKE_ERROR
    ErrorRow{1044, "42000"},  // ER_DBACCESS_DENIED_ERROR
    ErrorRow{1045, "28000"},  // ER_ACCESS_DENIED_ERROR
    ErrorRow{1046, "3D000"},  // ER_NO_DB_ERROR
    ErrorRow{1047, "08S01"},  // ER_UNKNOWN_COM_ERROR
    ErrorRow{1048, "23000"},  // ER_BAD_NULL_ERROR
    ErrorRow{1049, "42000"},  // ER_BAD_DB_ERROR
    ErrorRow{1050, "42S01"},  // ER_TABLE_EXISTS_ERROR
    ErrorRow{1051, "42S02"},  // ER_BAD_TABLE_ERROR
    ErrorRow{1052, "23000"},  // ER_NON_UNIQ_ERROR
    ErrorRow{1053, "08S01"},  // ER_SERVER_SHUTDOWN
    ErrorRow{1054, "42S22"},  // ER_BAD_FIELD_ERROR
    ErrorRow{1055, "42000"},  // ER_WRONG_FIELD_WITH_GROUP
    ErrorRow{1056, "42000"},  // ER_WRONG_GROUP_FIELD
    ErrorRow{1057, "42000"},  // ER_WRONG_SUM_SELECT
    ErrorRow{1058, "21S01"},  // ER_WRONG_VALUE_COUNT
    ErrorRow{1059, "42000"},  // ER_TOO_LONG_IDENT
    ErrorRow{1060, "42S21"},  // ER_DUP_FIELDNAME
    ErrorRow{1061, "42000"},  // ER_DUP_KEYNAME
    ErrorRow{1062, "23000"},  // ER_DUP_ENTRY
    ErrorRow{1063, "42000"},  // ER_WRONG_FIELD_SPEC
    ErrorRow{1064, "42000"},  // ER_PARSE_ERROR
    ErrorRow{1065, "42000"},  // ER_EMPTY_QUERY
    ErrorRow{1066, "42000"},  // ER_NONUNIQ_TABLE
    ErrorRow{1067, "42000"},  // ER_INVALID_DEFAULT
    ErrorRow{1068, "42000"},  // ER_MULTIPLE_PRI_KEY
    ErrorRow{1069, "42000"},  // ER_TOO_MANY_KEYS
    ErrorRow{1070, "42000"},  // ER_TOO_MANY_KEY_PARTS
    ErrorRow{1071, "42000"},  // ER_TOO_LONG_KEY
    ErrorRow{1072, "42000"},  // ER_KEY_COLUMN_DOES_NOT_EXITS
    ErrorRow{1073, "42000"},  // ER_BLOB_USED_AS_KEY
    ErrorRow{1074, "42000"},  // ER_TOO_BIG_FIELDLENGTH
    ErrorRow{1075, "42000"},  // ER_WRONG_AUTO_KEY
    ErrorRow{1080, "08S01"},  // ER_FORCING_CLOSE
    ErrorRow{1081, "08S01"},  // ER_IPSOCK_ERROR
    ErrorRow{1082, "42S12"},  // ER_NO_SUCH_INDEX
    ErrorRow{1083, "42000"},  // ER_WRONG_FIELD_TERMINATORS
    ErrorRow{1084, "42000"},  // ER_BLOBS_AND_NO_TERMINATED
    ErrorRow{1090, "42000"},  // ER_CANT_REMOVE_ALL_FIELDS
    ErrorRow{1091, "42000"},  // ER_CANT_DROP_FIELD_OR_KEY
    ErrorRow{1101, "42000"},  // ER_BLOB_CANT_HAVE_DEFAULT
    ErrorRow{1102, "42000"},  // ER_WRONG_DB_NAME
    ErrorRow{1103, "42000"},  // ER_WRONG_TABLE_NAME
    ErrorRow{1104, "42000"},  // ER_TOO_BIG_SELECT
    ErrorRow{1106, "42000"},  // ER_UNKNOWN_PROCEDURE
    ErrorRow{1107, "42000"},  // ER_WRONG_PARAMCOUNT_TO_PROCEDURE
    ErrorRow{1109, "42S02"},  // ER_UNKNOWN_TABLE
    ErrorRow{1110, "42000"},  // ER_FIELD_SPECIFIED_TWICE
    ErrorRow{1112, "42000"},  // ER_UNSUPPORTED_EXTENSION
    ErrorRow{1113, "42000"},  // ER_TABLE_MUST_HAVE_COLUMNS
    ErrorRow{1115, "42000"},  // ER_UNKNOWN_CHARACTER_SET
    ErrorRow{1118, "42000"},  // ER_TOO_BIG_ROWSIZE
    ErrorRow{1120, "42000"},  // ER_WRONG_OUTER_JOIN
    ErrorRow{1121, "42000"},  // ER_NULL_COLUMN_IN_INDEX
    ErrorRow{1131, "42000"},  // ER_PASSWORD_ANONYMOUS_USER
    ErrorRow{1132, "42000"},  // ER_PASSWORD_NOT_ALLOWED
    ErrorRow{1133, "42000"},  // ER_PASSWORD_NO_MATCH
    ErrorRow{1136, "21S01"},  // ER_WRONG_VALUE_COUNT_ON_ROW
    ErrorRow{1138, "22004"},  // ER_INVALID_USE_OF_NULL
    ErrorRow{1139, "42000"},  // ER_REGEXP_ERROR
    ErrorRow{1140, "42000"},  // ER_MIX_OF_GROUP_FUNC_AND_FIELDS
    ErrorRow{1141, "42000"},  // ER_NONEXISTING_GRANT
    ErrorRow{1142, "42000"},  // ER_TABLEACCESS_DENIED_ERROR
    ErrorRow{1143, "42000"},  // ER_COLUMNACCESS_DENIED_ERROR
    ErrorRow{1144, "42000"},  // ER_ILLEGAL_GRANT_FOR_TABLE
    ErrorRow{1145, "42000"},  // ER_GRANT_WRONG_HOST_OR_USER
    ErrorRow{1146, "42S02"},  // ER_NO_SUCH_TABLE
    ErrorRow{1147, "42000"},  // ER_NONEXISTING_TABLE_GRANT
    ErrorRow{1148, "42000"},  // ER_NOT_ALLOWED_COMMAND
    ErrorRow{1149, "42000"},  // ER_SYNTAX_ERROR
    ErrorRow{1152, "08S01"},  // ER_ABORTING_CONNECTION
    ErrorRow{1153, "08S01"},  // ER_NET_PACKET_TOO_LARGE
    ErrorRow{1156, "08S01"},  // ER_NET_PACKETS_OUT_OF_ORDER
    ErrorRow{1158, "08S01"},  // ER_NET_READ_ERROR
    ErrorRow{1161, "08S01"},  // ER_NET_WRITE_INTERRUPTED
    ErrorRow{1162, "42000"},  // ER_TOO_LONG_STRING
    ErrorRow{1163, "42000"},  // ER_TABLE_CANT_HANDLE_BLOB
    ErrorRow{1164, "42000"},  // ER_TABLE_CANT_HANDLE_AUTO_INCREMENT
    ErrorRow{1166, "42000"},  // ER_WRONG_COLUMN_NAME
    ErrorRow{1167, "42000"},  // ER_WRONG_KEY_COLUMN
    ErrorRow{1169, "23000"},  // ER_DUP_UNIQUE
    ErrorRow{1170, "42000"},  // ER_BLOB_KEY_WITHOUT_LENGTH
    ErrorRow{1171, "42000"},  // ER_PRIMARY_CANT_HAVE_NULL
    ErrorRow{1172, "42000"},  // ER_TOO_MANY_ROWS
    ErrorRow{1173, "42000"},  // ER_REQUIRES_PRIMARY_KEY
    ErrorRow{1176, "42000"},  // ER_KEY_DOES_NOT_EXITS
    ErrorRow{1177, "42000"},  // ER_CHECK_NO_SUCH_TABLE
    ErrorRow{1178, "42000"},  // ER_CHECK_NOT_IMPLEMENTED
    ErrorRow{1179, "25000"},  // ER_CANT_DO_THIS_DURING_AN_TRANSACTION
    ErrorRow{1184, "08S01"},  // ER_NEW_ABORTING_CONNECTION
    ErrorRow{1203, "42000"},  // ER_TOO_MANY_USER_CONNECTIONS
    ErrorRow{1207, "25000"},  // ER_READ_ONLY_TRANSACTION
    ErrorRow{1211, "42000"},  // ER_NO_PERMISSION_TO_CREATE_USER
    ErrorRow{1213, "40001"},  // ER_LOCK_DEADLOCK
    ErrorRow{1216, "23000"},  // ER_NO_REFERENCED_ROW
    ErrorRow{1217, "23000"},  // ER_ROW_IS_REFERENCED
    ErrorRow{1222, "21000"},  // ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT
    ErrorRow{1226, "42000"},  // ER_USER_LIMIT_REACHED
    ErrorRow{1227, "42000"},  // ER_SPECIFIC_ACCESS_DENIED_ERROR
    ErrorRow{1230, "42000"},  // ER_NO_DEFAULT
    ErrorRow{1231, "42000"},  // ER_WRONG_VALUE_FOR_VAR
    ErrorRow{1232, "42000"},  // ER_WRONG_TYPE_FOR_VAR
    ErrorRow{1234, "42000"},  // ER_CANT_USE_OPTION_HERE
    ErrorRow{1235, "42000"},  // ER_NOT_SUPPORTED_YET
    ErrorRow{1239, "42000"},  // ER_WRONG_FK_DEF
    ErrorRow{1241, "21000"},  // ER_OPERAND_COLUMNS
    ErrorRow{1242, "21000"},  // ER_SUBQUERY_NO_1_ROW
    ErrorRow{1247, "42S22"},  // ER_ILLEGAL_REFERENCE
    ErrorRow{1248, "42000"},  // ER_DERIVED_MUST_HAVE_ALIAS
    ErrorRow{1249, "01000"},  // ER_SELECT_REDUCED
    ErrorRow{1250, "42000"},  // ER_TABLENAME_NOT_ALLOWED_HERE
    ErrorRow{1251, "08004"},  // ER_NOT_SUPPORTED_AUTH_MODE
    ErrorRow{1252, "42000"},  // ER_SPATIAL_CANT_HAVE_NULL
    ErrorRow{1253, "42000"},  // ER_COLLATION_CHARSET_MISMATCH
    ErrorRow{1261, "01000"},  // ER_WARN_TOO_FEW_RECORDS
    ErrorRow{1262, "01000"},  // ER_WARN_TOO_MANY_RECORDS
    ErrorRow{1263, "22004"},  // ER_WARN_NULL_TO_NOTNULL
    ErrorRow{1264, "22003"},  // ER_WARN_DATA_OUT_OF_RANGE
    ErrorRow{1265, "01000"},  // WARN_DATA_TRUNCATED
    ErrorRow{1280, "42000"},  // ER_WRONG_NAME_FOR_INDEX
    ErrorRow{1281, "42000"},  // ER_WRONG_NAME_FOR_CATALOG
    ErrorRow{1286, "42000"},  // ER_UNKNOWN_STORAGE_ENGINE
    ErrorRow{1292, "22007"},  // ER_TRUNCATED_WRONG_VALUE
    ErrorRow{1303, "2F003"},  // ER_SP_NO_RECURSIVE_CREATE
    ErrorRow{1304, "42000"},  // ER_SP_ALREADY_EXISTS
    ErrorRow{1305, "42000"},  // ER_SP_DOES_NOT_EXIST
    ErrorRow{1318, "42000"},  // ER_SP_WRONG_NO_OF_ARGS
    ErrorRow{1327, "42000"},  // ER_SP_UNDECLARED_VAR
    ErrorRow{1336, "0A000"},  // ER_SP_BADSTATEMENT
    ErrorRow{1354, "0A000"},  // ER_VIEW_SELECT_DERIVED
    ErrorRow{1363, "HY000"},  // ER_TRG_NO_SUCH_ROW_IN_TRG
    ErrorRow{1365, "22012"},  // ER_DIVISION_BY_ZERO
    ErrorRow{1367, "22007"},  // ER_ILLEGAL_VALUE_FOR_TYPE
    ErrorRow{1370, "42000"},  // ER_PROCACCESS_DENIED_ERROR
    ErrorRow{1397, "XAE04"},  // ER_XAER_NOTA
    ErrorRow{1399, "XAE07"},  // ER_XAER_RMFAIL
    ErrorRow{1400, "XAE09"},  // ER_XAER_OUTSIDE
    ErrorRow{1401, "XAE03"},  // ER_XAER_RMERR
    ErrorRow{1402, "XA100"},  // ER_XA_RBROLLBACK
    ErrorRow{1403, "42000"},  // ER_NONEXISTING_PROC_GRANT
    ErrorRow{1406, "22001"},  // ER_DATA_TOO_LONG
    ErrorRow{1407, "42000"},  // ER_SP_BAD_SQLSTATE
    ErrorRow{1410, "42000"},  // ER_CANT_CREATE_USER_WITH_GRANT
    ErrorRow{1411, "HY000"},  // ER_WRONG_VALUE_FOR_TYPE
    ErrorRow{1415, "0A000"},  // ER_SP_NO_RETSET
    ErrorRow{1416, "22003"},  // ER_CANT_CREATE_GEOMETRY_OBJECT
    ErrorRow{1425, "42000"},  // ER_TOO_BIG_SCALE
    ErrorRow{1426, "42000"},  // ER_TOO_BIG_PRECISION
    ErrorRow{1427, "42000"},  // ER_M_BIGGER_THAN_D
    ErrorRow{1437, "42000"},  // ER_TOO_LONG_BODY
    ErrorRow{1439, "42000"},  // ER_TOO_BIG_DISPLAYWIDTH
    ErrorRow{1440, "XAE08"},  // ER_XAER_DUPID
    ErrorRow{1441, "22008"},  // ER_DATETIME_FUNCTION_OVERFLOW
    ErrorRow{1451, "23000"},  // ER_ROW_IS_REFERENCED_2
    ErrorRow{1452, "23000"},  // ER_NO_REFERENCED_ROW_2
    ErrorRow{1453, "42000"},  // ER_SP_BAD_VAR_SHADOW
    ErrorRow{1458, "42000"},  // ER_SP_WRONG_NAME
    ErrorRow{1460, "42000"},  // ER_SP_NO_AGGREGATE
    ErrorRow{1461, "42000"},  // ER_MAX_PREPARED_STMT_COUNT_REACHED
    ErrorRow{1463, "42000"},  // ER_NON_GROUPING_FIELD_USED
    ErrorRow{1557, "23000"},  // ER_FOREIGN_DUPLICATE_KEY
    ErrorRow{1568, "25001"},  // ER_CANT_CHANGE_TX_CHARACTERISTICS
    ErrorRow{1582, "42000"},  // ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT
    ErrorRow{1583, "42000"},  // ER_WRONG_PARAMETERS_TO_NATIVE_FCT
    ErrorRow{1584, "42000"},  // ER_WRONG_PARAMETERS_TO_STORED_FCT
    ErrorRow{1586, "23000"},  // ER_DUP_ENTRY_WITH_KEY_NAME
    ErrorRow{1613, "XA106"},  // ER_XA_RBTIMEOUT
    ErrorRow{1614, "XA102"},  // ER_XA_RBDEADLOCK
    ErrorRow{1630, "42000"},  // ER_FUNC_INEXISTENT_NAME_COLLISION
    ErrorRow{1641, "42000"},  // ER_DUP_SIGNAL_SET
    ErrorRow{1642, "01000"},  // ER_SIGNAL_WARN
    ErrorRow{1643, "02000"},  // ER_SIGNAL_NOT_FOUND
    ErrorRow{1645, "0K000"},  // ER_RESIGNAL_WITHOUT_ACTIVE_HANDLER
    ErrorRow{1690, "22003"},  // ER_DATA_OUT_OF_RANGE
    ErrorRow{1698, "28000"},  // ER_ACCESS_DENIED_NO_PASSWORD_ERROR
    ErrorRow{1701, "42000"},  // ER_TRUNCATE_ILLEGAL_FK
    ErrorRow{1758, "35000"},  // ER_DA_INVALID_CONDITION_NUMBER
    ErrorRow{1761, "23000"},  // ER_FOREIGN_DUPLICATE_KEY_WITH_CHILD_INFO
    ErrorRow{1792, "25006"},  // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
    ErrorRow{1845, "0A000"},  // ER_ALTER_OPERATION_NOT_SUPPORTED
    ErrorRow{1846, "0A000"},  // ER_ALTER_OPERATION_NOT_SUPPORTED_REASON
    ErrorRow{1859, "23000"},  // ER_DUP_UNKNOWN_IN_INDEX
    ErrorRow{1903, "42000"},  // ER_INVALID_ARGUMENT_FOR_LOGARITHM
    ErrorRow{3065, "HY000"},  // ER_FIELD_IN_ORDER_NOT_SELECT
    ErrorRow{3140, "22032"},  // ER_INVALID_JSON_TEXT
    ErrorRow{3141, "22032"},  // ER_INVALID_JSON_TEXT_IN_PARAM
    ErrorRow{3143, "42000"},  // ER_INVALID_JSON_PATH
    ErrorRow{3144, "22032"},  // ER_INVALID_JSON_CHARSET
    ErrorRow{3146, "22032"},  // ER_INVALID_TYPE_FOR_JSON
    ErrorRow{3149, "42000"},  // ER_INVALID_JSON_PATH_WILDCARD
    ErrorRow{3156, "22018"},  // ER_INVALID_JSON_VALUE_FOR_CAST
    ErrorRow{3158, "22032"},  // ER_JSON_DOCUMENT_NULL_KEY
};

constexpr bool sorted() {
  for (std::size_t i = 1; i < error_table.size(); ++i) {
    if (error_table[i - 1].code >= error_table[i].code) return false;
  }
  return true;
}
static_assert(sorted());

std::string_view sqlstate_of(int code) {
  const auto* row = std::lower_bound(error_table.begin(), error_table.end(), code,
                                     [](const ErrorRow& r, int c) { return r.code < c; });
  return row != error_table.end() && row->code == code ? row->sqlstate : "HY000";
}

}  // namespace

std::string SqlError::text() const {
  return fmt::format("ERROR {} ({}): {}", code, sqlstate, message);
}

tl::unexpected<SqlError> sql_error(int code, std::string message, std::size_t offset) {
  return tl::unexpected<SqlError>(
      SqlError{code, std::string(sqlstate_of(code)), std::move(message), offset});
}

tl::unexpected<SqlError> not_supported(std::string_view feature, std::size_t offset) {
  return sql_error(1235,
                   fmt::format("This version of MySQL doesn't yet support '{}' "
                               "(the embedded engine; a real server has it: engine = \"mysqld\")",
                               feature),
                   offset);
}

}  // namespace pipeline::rds
