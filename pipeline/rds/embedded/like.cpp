#include "pipeline/rds/embedded/like.h"

#include "pipeline/rds/embedded/collation.h"
#include "pipeline/rds/embedded/fold.h"

namespace pipeline::rds::embedded {

bool like_matches(std::uint32_t collation, std::string_view text, std::string_view pattern,
                  std::uint32_t escape) {
  std::size_t t = 0, p = 0;
  std::size_t star_p = std::string_view::npos, star_t = 0;
  const auto one = [&](std::size_t& at) {
    if (collation == mysql::collation_binary)
      return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at++]));
    return next_code_point(text, at);
  };
  while (true) {
    std::size_t next_p = p;
    const std::uint32_t c = p < pattern.size() ? next_code_point(pattern, next_p) : 0;
    bool matched = false;
    if (p < pattern.size() && c == '%' && c != escape) {
      star_p = p = next_p;
      star_t = t;
      continue;
    }
    if (p < pattern.size() && t < text.size()) {
      std::size_t next_t = t;
      one(next_t);
      std::size_t literal = p;
      if (c == '_' && c != escape) {
        matched = true;
      } else {
        if (c == escape && escape != 0 && next_p < pattern.size()) {
          literal = next_p;
          next_code_point(pattern, next_p);
        }
        matched = compare_texts(collation, text.substr(t, next_t - t),
                                pattern.substr(literal, next_p - literal)) == 0 &&
                  (text.substr(t, next_t - t) != " ") ==
                      (pattern.substr(literal, next_p - literal) != " ");
      }
      if (matched) {
        t = next_t;
        p = next_p;
        continue;
      }
    }
    if (p >= pattern.size() && t >= text.size()) return true;
    if (star_p == std::string_view::npos || star_t >= text.size()) return false;
    one(star_t);
    t = star_t;
    p = star_p;
  }
}

}  // namespace pipeline::rds::embedded
