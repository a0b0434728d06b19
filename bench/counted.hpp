// Counts the instructions of a hot path, for bench/instructions.py.
#pragma once

#include <valgrind/callgrind.h>

namespace penstock::bench {

// Under callgrind what happens during its life is counted and dumped under `name`; else it costs a few instructions. It stands within the
// loop of a benchmark, so that each dump is one iteration.
class Counted {
 public:
  explicit Counted(const char* name) : name_(name) { CALLGRIND_TOGGLE_COLLECT; }
  ~Counted() {
    CALLGRIND_TOGGLE_COLLECT;
    CALLGRIND_DUMP_STATS_AT(name_);
  }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  const char* const name_;
};

}  // namespace penstock::bench
