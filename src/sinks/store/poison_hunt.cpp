#include "sinks/store/poison_hunt.hpp"

#include <limits>

namespace penstock::sinks {

void PoisonHunt::refused(Sequence begin, Sequence end, const Error& error) {
  bad_end_ = end;
  if (end - begin > 1) {
    next_end_ = begin + (end - begin) / 2;
    return;
  }
  next_end_ = end;
  hopeless_ = poison_ == begin;
  poison_ = begin;
  why_ = error;
}

void PoisonHunt::stored(Sequence end) {
  if (poison_ && *poison_ < end) {
    poison_.reset();
    hopeless_ = false;
  }
  if (end >= bad_end_) {
    bad_end_ = 0;
  } else {
    // What was stored was not it: it is in the rest.
    next_end_ = end + (bad_end_ - end + 1) / 2;
  }
}

Sequence PoisonHunt::limit(Sequence begin) const {
  return active() && begin < next_end_ ? next_end_ : std::numeric_limits<Sequence>::max();
}

const Error* PoisonHunt::poison(Sequence sequence) const { return poison_ == sequence ? &why_ : nullptr; }

}  // namespace penstock::sinks
