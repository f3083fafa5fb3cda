#pragma once
// Random tables of every type, random changes of their definitions and rows: the same for the same
// seed.

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace pipeline::mysql::live {

class RandomSql {
 public:
  RandomSql(std::uint64_t seed, bool is_mysql)
      : random_(seed), is_mysql_(is_mysql), converts_(seed % 2 == 0) {}

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool chance(int percent) { return below(100) < static_cast<std::uint64_t>(percent); }
  template <class T>
  const T& one_of(const std::vector<T>& of) {
    return of[below(of.size())];
  }

  std::string create_database(const std::string& name);
  // Fills the list of columns that it chose.
  std::string create_table(const std::string& name);
  std::string alter_table(const std::string& name);
  // A row change of a table with these columns (name, COLUMN_TYPE; generated ones left out).
  using Columns = std::vector<std::pair<std::string, std::string>>;
  std::string row_change(const std::string& table, const Columns& columns);
  std::string literal(const std::string& column_type);

 private:
  std::string type();
  std::string definition(const std::string& name);
  std::string seldom_altered(const std::string& column, const std::string& position);
  std::string text(std::size_t characters_max);
  std::string json(int depth);
  std::string assignments(const Columns& columns);
  std::string condition(const Columns& columns);

  std::mt19937_64 random_;
  bool is_mysql_;
  bool converts_;  // tables to other charsets
  int next_column_ = 0;
};

}  // namespace pipeline::mysql::live
