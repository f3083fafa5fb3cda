#include "pipeline/mysql/change_source.h"

#include <utility>

namespace pipeline::mysql {
namespace {

class WholeTable final : public TableRows {
 public:
  WholeTable(ChangeSource& source, std::string_view schema, std::string_view table)
      : source_(source), schema_(schema), table_(table) {}

  Result<Progress> read(const std::function<bool(const Row&)>& row) override {
    if (auto done = source_.read_table(schema_, table_, row); !done)
      return tl::unexpected(done.error());
    return Progress::end;
  }

 private:
  ChangeSource& source_;
  std::string schema_, table_;
};

}  // namespace

void Transaction::clear() {
  gtid.clear();
  start.file.clear();
  end.file.clear();
  start.offset = end.offset = Position().offset;
  committed = {};
  has_commit_micros = false;
  changes.clear();
  schema_change.reset();
  storage.clear();
  packed.reset();
  trace_id = 0;
}

Result<void> Transaction::for_each_change(const PackedChanges::Use& use) const {
  for (const RowChange& change : changes)
    if (auto done = use(change); !done) return done;
  return packed ? packed->for_each(use) : Result<void>();
}

Result<std::unique_ptr<TableRows>> ChangeSource::open_table(std::string_view schema,
                                                            std::string_view table,
                                                            std::function<void()> ready) {
  (void)ready;  // nobody waits
  return std::unique_ptr<TableRows>(std::make_unique<WholeTable>(*this, schema, table));
}

}  // namespace pipeline::mysql
