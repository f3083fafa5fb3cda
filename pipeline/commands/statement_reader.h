#pragma once
// Cuts what a user types into statements at each ';' that stands outside quotes and comments, as
// MySQL's own client does.

#include <optional>
#include <string>
#include <string_view>

namespace pipeline::commands {

class StatementReader {
 public:
  void add_line(std::string_view line);  // without its line feed
  std::optional<std::string> next();     // the next complete statement, without its ';'
  std::optional<std::string>
  rest();  // at the end of input: what stands there without a ';', unless it is blank
  bool is_between_statements() const;  // nothing but blanks has been typed since the last one

 private:
  std::string text_;
};

}  // namespace pipeline::commands
