#pragma once
// AR_H_CHANGE_SEQ (dms.md section 2.8): 35 digits that only grow, over all tables of a task. Its
// state is saved with the checkpoint, so a change that is read again after a resume gets the same
// number again.

#include <cstdint>
#include <string>

#include "emulator/base/time_text.h"

namespace pipeline::dms {

struct ChangeSequence {
  std::uint64_t counter = 0;
  emulator::base::Instant
      last_commit{};  // the first 16 digits never go back, whatever the source's clock does

  // Before the first row of a transaction, and before each further one.
  void next_transaction(emulator::base::Instant commit);
  void next_row();
  void append(std::string& out) const;  // YYYYMMDDHHmmSShh and the counter in 19 digits
};

}  // namespace pipeline::dms
