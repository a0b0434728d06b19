// What deleting chunks has left behind in each day's partition, and giving it back for new chunks. Postgres does that by itself, but by its
// own clock: at a high rate the tables would grow to several times of what retention allows before it comes by.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>

#include "penstock/core/result.hpp"
#include "postgres/pqxx_session.hpp"

namespace penstock::postgres {

// Thread-safe. Forgets with the process: what was freed before is left to autovacuum.
class FreedSpace {
 public:
  void note(std::int32_t day, std::uint64_t bytes);
  // Vacuums one partition in which `at_least` and a tenth of its size was freed; false: none is due. A vacuum that fails while the
  // database answers is left to autovacuum, and counts as done.
  Result<bool> reclaim(PqxxSession& session, std::uint64_t at_least);

 private:
  void forget(std::int32_t day, std::uint64_t bytes);

  std::mutex mutex_;
  std::map<std::int32_t, std::uint64_t> freed_;  // bytes of deleted chunks, by day
};

}  // namespace penstock::postgres
