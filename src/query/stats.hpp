// What a query cost, and whether its answer is whole.
#pragma once

#include <cstdint>

namespace penstock::query {

struct Stats {
  std::uint64_t chunks_read = 0;      // chunks of which at least one block was read
  std::uint64_t bytes_read = 0;       // payload bytes of chunks, and bytes of journal frames looked into
  std::uint64_t records_scanned = 0;  // rows or samples looked at
  std::uint64_t elapsed_ms = 0;
  bool partial = false;               // the store was away: only what this server's journal still holds was searched

  Stats& operator+=(const Stats& other);  // adds up; elapsed_ms too; partial if one of them is
};

}  // namespace penstock::query
