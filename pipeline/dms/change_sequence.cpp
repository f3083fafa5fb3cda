#include "pipeline/dms/change_sequence.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace pipeline::dms {
namespace {

// Steps seen in real files: 109, 121, 133 for transactions of one row; 121, 125, 129 within one.
constexpr std::uint64_t transaction_step = 12;
constexpr std::uint64_t row_step = 4;

}  // namespace

void ChangeSequence::next_transaction(emulator::base::Instant commit) {
  last_commit = std::max(last_commit, commit);
  counter += transaction_step;
}

void ChangeSequence::next_row() { counter += row_step; }

void ChangeSequence::append(std::string& out) const {
  const emulator::base::CivilTime at = emulator::base::civil(last_commit);
  fmt::format_to(std::back_inserter(out), "{:04}{:02}{:02}{:02}{:02}{:02}{:02}{:019}", at.year,
                 at.month, at.day, at.hour, at.minute, at.second, at.microsecond / 10000, counter);
}

}  // namespace pipeline::dms
