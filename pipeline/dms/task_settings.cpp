#include "pipeline/dms/task_settings.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "emulator/base/json_document.h"
#include "emulator/base/text.h"

namespace pipeline::dms {
namespace {

namespace base = emulator::base;
using base::Result;
using OrderedJson = nlohmann::ordered_json;

using Apply = bool (*)(TaskSettings& settings,
                       const OrderedJson& value);  // false: a value that cannot be

template <bool TaskSettings::*member>
bool flag(TaskSettings& settings, const OrderedJson& value) {
  if (!value.is_boolean()) return false;
  settings.*member = value.get<bool>();
  return true;
}

template <std::int64_t TaskSettings::*member, std::int64_t low, std::int64_t high>
bool number(TaskSettings& settings, const OrderedJson& value) {
  if (!value.is_number_integer()) return false;
  const std::optional<std::int64_t> parsed = base::parse_integer(base::json_text(value));
  if (!parsed || *parsed < low || *parsed > high) return false;
  settings.*member = *parsed;
  return true;
}

bool prep_mode(TaskSettings& settings, const OrderedJson& value) {
  constexpr std::array names{"DROP_AND_CREATE", "TRUNCATE_BEFORE_LOAD", "DO_NOTHING"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (value != names[i]) continue;
    settings.prep_mode = static_cast<TargetTablePrepMode>(i);
    return true;
  }
  return false;
}

// A MySQL source never tells of a dropped table (dms.md 2.9), and the rest of this kind tunes speed
// only: any value does.
bool without_effect(TaskSettings&, const OrderedJson& value) {
  return value.is_boolean() || value.is_number_integer();
}

struct TaskSetting {
  std::string_view group;  // "" = at the top
  std::string_view name;
  std::string_view default_json;
  Apply apply = nullptr;  // null: known to AWS, not built
};

constexpr std::int64_t any_number = INT64_C(2147483647);

constexpr TaskSetting settings_table[] = {
    {"TargetMetadata", "TargetSchema", R"("")"},
    {"TargetMetadata", "SupportLobs", "true"},
    {"TargetMetadata", "FullLobMode", "false"},
    {"TargetMetadata", "LobChunkSize", "64", without_effect},
    {"TargetMetadata", "LimitedSizeLobMode", "true"},
    {"TargetMetadata", "LobMaxSize", "32", number<&TaskSettings::lob_max_kb, 1, 102400>},
    {"TargetMetadata", "InlineLobMaxSize", "0"},
    {"TargetMetadata", "LoadMaxFileSize", "0", without_effect},
    {"TargetMetadata", "ParallelLoadThreads", "0", without_effect},
    {"TargetMetadata", "ParallelLoadBufferSize", "0", without_effect},
    {"TargetMetadata", "ParallelLoadQueuesPerThread", "0", without_effect},
    {"TargetMetadata", "ParallelApplyThreads", "0", without_effect},
    {"TargetMetadata", "ParallelApplyBufferSize", "0", without_effect},
    {"TargetMetadata", "ParallelApplyQueuesPerThread", "0", without_effect},
    {"TargetMetadata", "BatchApplyEnabled", "false"},
    {"TargetMetadata", "TaskRecoveryTableEnabled", "false"},
    {"FullLoadSettings", "TargetTablePrepMode", R"("DROP_AND_CREATE")", prep_mode},
    {"FullLoadSettings", "CreatePkAfterFullLoad", "false", without_effect},
    {"FullLoadSettings", "StopTaskCachedChangesApplied", "false",
     flag<&TaskSettings::stop_after_cached_changes>},
    {"FullLoadSettings", "StopTaskCachedChangesNotApplied", "false",
     flag<&TaskSettings::stop_before_cached_changes>},
    {"FullLoadSettings", "MaxFullLoadSubTasks", "8", without_effect},
    {"FullLoadSettings", "TransactionConsistencyTimeout", "600", without_effect},
    {"FullLoadSettings", "CommitRate", "10000", without_effect},
    {"Logging", "EnableLogging", "false"},
    {"Logging", "EnableLogContext", "false"},
    {"Logging", "LogComponents", "[]"},
    {"Logging", "CloudWatchLogGroup", "null"},
    {"Logging", "CloudWatchLogStream", "null"},
    {"ControlTablesSettings", "ControlSchema", R"("")"},
    {"ControlTablesSettings", "HistoryTimeslotInMinutes", "5", without_effect},
    {"ControlTablesSettings", "historyTimeslotInMinutes", "5", without_effect},
    {"ControlTablesSettings", "HistoryTableEnabled", "false"},
    {"ControlTablesSettings", "SuspendedTablesTableEnabled", "false"},
    {"ControlTablesSettings", "StatusTableEnabled", "false"},
    {"ControlTablesSettings", "FullLoadExceptionTableEnabled", "false"},
    {"StreamBufferSettings", "StreamBufferCount", "3", without_effect},
    {"StreamBufferSettings", "StreamBufferSizeInMB", "8", without_effect},
    {"StreamBufferSettings", "CtrlStreamBufferSizeInMB", "5", without_effect},
    {"ChangeProcessingDdlHandlingPolicy", "HandleSourceTableDropped", "true", without_effect},
    {"ChangeProcessingDdlHandlingPolicy", "HandleSourceTableTruncated", "true",
     flag<&TaskSettings::handle_truncated>},
    {"ChangeProcessingDdlHandlingPolicy", "HandleSourceTableAltered", "true"},
    {"ErrorBehavior", "DataErrorPolicy", R"("LOG_ERROR")"},
    {"ErrorBehavior", "EventErrorPolicy", R"("IGNORE")"},
    {"ErrorBehavior", "DataTruncationErrorPolicy", R"("LOG_ERROR")"},
    {"ErrorBehavior", "DataErrorEscalationPolicy", R"("SUSPEND_TABLE")"},
    {"ErrorBehavior", "DataErrorEscalationCount", "0"},
    {"ErrorBehavior", "TableErrorPolicy", R"("SUSPEND_TABLE")"},
    {"ErrorBehavior", "TableErrorEscalationPolicy", R"("STOP_TASK")"},
    {"ErrorBehavior", "TableErrorEscalationCount", "0"},
    {"ErrorBehavior", "RecoverableErrorCount", "-1",
     number<&TaskSettings::recoverable_error_count, -1, any_number>},
    {"ErrorBehavior", "RecoverableErrorInterval", "5", without_effect},
    {"ErrorBehavior", "RecoverableErrorThrottling", "true"},
    {"ErrorBehavior", "RecoverableErrorThrottlingMax", "1800",
     number<&TaskSettings::recoverable_throttling_max_s, 1, any_number>},
    {"ErrorBehavior", "RecoverableErrorStopRetryAfterThrottlingMax", "true", without_effect},
    {"ErrorBehavior", "ApplyErrorDeletePolicy", R"("IGNORE_RECORD")"},
    {"ErrorBehavior", "ApplyErrorInsertPolicy", R"("LOG_ERROR")"},
    {"ErrorBehavior", "ApplyErrorUpdatePolicy", R"("LOG_ERROR")"},
    {"ErrorBehavior", "ApplyErrorEscalationPolicy", R"("LOG_ERROR")"},
    {"ErrorBehavior", "ApplyErrorEscalationCount", "0"},
    {"ErrorBehavior", "ApplyErrorFailOnTruncationDdl", "false"},
    {"ErrorBehavior", "FullLoadIgnoreConflicts", "true", without_effect},
    {"ErrorBehavior", "FailOnTransactionConsistencyBreached", "false"},
    {"ErrorBehavior", "FailOnNoTablesCaptured", "true", flag<&TaskSettings::fail_on_no_tables>},
    {"ChangeProcessingTuning", "BatchApplyPreserveTransaction", "true", without_effect},
    {"ChangeProcessingTuning", "BatchApplyTimeoutMin", "1", without_effect},
    {"ChangeProcessingTuning", "BatchApplyTimeoutMax", "30", without_effect},
    {"ChangeProcessingTuning", "BatchApplyMemoryLimit", "500", without_effect},
    {"ChangeProcessingTuning", "BatchSplitSize", "0", without_effect},
    {"ChangeProcessingTuning", "MinTransactionSize", "1000", without_effect},
    {"ChangeProcessingTuning", "CommitTimeout", "1", without_effect},
    {"ChangeProcessingTuning", "MemoryLimitTotal", "1024", without_effect},
    {"ChangeProcessingTuning", "MemoryKeepTime", "60", without_effect},
    {"ChangeProcessingTuning", "StatementCacheSize", "50", without_effect},
    {"ValidationSettings", "EnableValidation", "false"},
    {"ValidationSettings", "ValidationMode", R"("ROW_LEVEL")"},
    {"ValidationSettings", "ThreadCount", "5", without_effect},
    {"ValidationSettings", "PartitionSize", "10000", without_effect},
    {"ValidationSettings", "FailureMaxCount", "10000", without_effect},
    {"ValidationSettings", "TableFailureMaxCount", "1000", without_effect},
    {"ValidationSettings", "RecordFailureDelayInMinutes", "5", without_effect},
    {"ValidationSettings", "RecordFailureDelayLimitInMinutes", "0", without_effect},
    {"ValidationSettings", "RecordSuspendDelayInMinutes", "30", without_effect},
    {"ValidationSettings", "HandleCollationDiff", "false", without_effect},
    {"ValidationSettings", "MaxKeyColumnSize", "8096", without_effect},
    {"ValidationSettings", "ValidationPartialLobSize", "0", without_effect},
    {"ValidationSettings", "ValidationQueryCdcDelaySeconds", "0", without_effect},
    {"ValidationSettings", "ValidationOnly", "false"},
    {"ValidationSettings", "SkipLobColumns", "false", without_effect},
    {"TTSettings", "EnableTT", "false"},
    {"TTSettings", "TTS3Settings", "null"},
    {"TTSettings", "TTRecordSettings", "null"},
    {"", "CharacterSetSettings", "null"},
    {"", "BeforeImageSettings", "null"},
    {"", "LoopbackPreventionSettings", "null"},
    {"", "PostProcessingRules", "null"},
    {"", "FailTaskWhenCleanTaskResourceFailed", "false"},
};

// Spellings that a document of a client may have but the defaults do not.
bool is_alias(const TaskSetting& setting) { return setting.name == "historyTimeslotInMinutes"; }

OrderedJson default_document() {
  OrderedJson document = OrderedJson::object();
  for (const TaskSetting& setting : settings_table) {
    if (is_alias(setting)) continue;
    OrderedJson& place = setting.group.empty() ? document : document[std::string(setting.group)];
    place[std::string(setting.name)] = base::read_ordered_json(setting.default_json);
  }
  return document;
}

tl::unexpected<base::Error> unknown(const std::string& path, std::string_view name,
                                    const std::vector<std::string>& names) {
  const std::optional<std::string> near = base::nearest(name, names);
  return base::fail(fmt::format("Invalid task settings JSON: unknown setting {}", path),
                    near ? fmt::format("did you mean {}?", *near) : "");
}

const TaskSetting* find_setting(std::string_view group, std::string_view name) {
  for (const TaskSetting& setting : settings_table) {
    if (setting.group == group && setting.name == name) return &setting;
  }
  return nullptr;
}

std::vector<std::string> names_in(std::string_view group) {
  std::vector<std::string> names;
  for (const TaskSetting& setting : settings_table) {
    if (setting.group == group) names.emplace_back(setting.name);
    if (group.empty() && !setting.group.empty()) names.emplace_back(setting.group);
  }
  return names;
}

Result<void> merge_setting(std::string_view group, const std::string& name,
                           const OrderedJson& value, TaskSettingsDocument& document,
                           OrderedJson& place) {
  const std::string path = group.empty() ? name : fmt::format("{}.{}", group, name);
  const TaskSetting* setting = find_setting(group, name);
  if (setting == nullptr) return unknown(path, name, names_in(group));
  if (setting->apply != nullptr) {
    if (!setting->apply(document.settings, value)) {
      return base::fail(
          fmt::format("Invalid task settings JSON: {} cannot be {}", path,
                      value.dump(-1, ' ', true, OrderedJson::error_handler_t::replace)));
    }
  } else if (value != base::read_ordered_json(setting->default_json) &&
             !(value.is_string() && value.get<std::string>().empty())) {
    return base::fail(
        fmt::format("{} is a setting of AWS DMS that Sluice does not build yet", path),
        fmt::format("leave it out, or give AWS's default {}", setting->default_json));
  }
  if (!is_alias(*setting)) place[name] = value;
  return {};
}

Result<void> merge_group(const std::string& group, const OrderedJson& value,
                         TaskSettingsDocument& document, OrderedJson& whole) {
  if (value.is_null()) return {};
  if (!value.is_object())
    return base::fail(fmt::format("Invalid task settings JSON: {} must be an object", group));
  for (const auto& [name, member] : value.items()) {
    Result<void> merged = merge_setting(group, name, member, document, whole[group]);
    if (!merged) return merged;
  }
  return {};
}

}  // namespace

Result<TaskSettingsDocument> parse_task_settings(std::string_view json) {
  TaskSettingsDocument document;
  OrderedJson whole = default_document();
  const Result<OrderedJson> read = base::ordered_json_or_error(json.empty() ? "{}" : json);
  if (!read) return base::fail("Invalid task settings JSON: " + read.error().message);
  const OrderedJson& given = *read;
  if (!given.is_object()) return base::fail("Invalid task settings JSON: it must be an object");
  for (const auto& [name, value] : given.items()) {
    const bool is_group =
        find_setting("", name) == nullptr && whole.contains(name) && whole[name].is_object();
    const Result<void> merged = is_group ? merge_group(name, value, document, whole)
                                         : merge_setting("", name, value, document, whole);
    if (!merged) return tl::unexpected(merged.error());
  }
  document.json = base::json_text(whole);
  return document;
}

}  // namespace pipeline::dms
