// Finds the record that the store can never take, by asking for smaller and smaller commits. Pure.
#pragma once

#include <optional>
#include <string>

#include "penstock/core/error.hpp"
#include "penstock/core/ids.hpp"

namespace penstock::sinks {

// Not thread-safe.
class PoisonHunt {
 public:
  // A commit of [begin, end) was refused for its data.
  void refused(Sequence begin, Sequence end, const Error& error);
  // A commit up to `end` (exclusive) was stored.
  void stored(Sequence end);

  // A commit that begins at `begin` must not reach past this.
  Sequence limit(Sequence begin) const;
  // This record was refused alone: it goes to the dead letters, for this reason.
  const Error* poison(Sequence sequence) const;
  // It was refused as a dead letter too: only its place and reason can be kept.
  bool hopeless() const { return hopeless_; }
  bool active() const { return bad_end_ != 0; }

 private:
  // Something below bad_end_ is poison, as far as is known; the next commit ends at next_end_.
  Sequence bad_end_ = 0, next_end_ = 0;
  std::optional<Sequence> poison_;
  Error why_;
  bool hopeless_ = false;
};

}  // namespace penstock::sinks
