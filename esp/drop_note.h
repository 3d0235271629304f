// A dropped packet that is worth a line in the log: RFC 4303 4 and RFC 4302 4 name these events "auditable",
// and what the line SHOULD say.
#pragma once

#include <optional>

#include "base/ip.h"
#include "base/strong.h"
#include "esp/counters.h"

namespace esp {

struct DropNote {
  Counter reason = Counter::in_no_sa;
  base::Spi spi;
  base::Endpoint local, remote;  // outer
};

constexpr bool is_audited(Counter reason) {
  return reason == Counter::in_no_sa || reason == Counter::in_replay || reason == Counter::in_integrity ||
         reason == Counter::in_selector || reason == Counter::in_bundle;
}

// The first of some time.
class DropNotes {
 public:
  void put(const DropNote& note) noexcept {
    if (!first_ && is_audited(note.reason)) first_ = note;
  }
  const std::optional<DropNote>& first() const { return first_; }
  void clear() { first_.reset(); }

 private:
  std::optional<DropNote> first_;
};

}  // namespace esp
