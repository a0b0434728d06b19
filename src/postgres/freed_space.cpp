#include "postgres/freed_space.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "postgres/partitions.hpp"

namespace penstock::postgres {
namespace {

// Of a large partition much must be free before the passes over its indexes pay.
constexpr std::uint64_t kShareOfPartition = 10;

// False: it is not due.
Result<bool> reclaim_day(PqxxSession& session, std::int32_t day, std::uint64_t freed) {
  const std::string table = partition_name(day);
  bool there = false, due = false;
  auto measured = session.run("measure a partition", [&](pqxx::connection& connection) {
    const auto size = pqxx::nontransaction(connection).exec_params1("SELECT pg_table_size(to_regclass($1))", table)[0];
    there = !size.is_null();
    due = !there || freed >= size.as<std::uint64_t>() / kShareOfPartition;
  });
  if (!measured) return measured.error();
  if (!there || !due) return due;
  auto vacuumed = session.run("vacuum a partition", [&](pqxx::connection& connection) {
    pqxx::nontransaction(connection).exec("VACUUM (SKIP_LOCKED) " + table);
  });
  if (vacuumed) return true;
  if (vacuumed.error().code == ErrorCode::unavailable) return vacuumed.error();
  log::warn("postgres", "a partition could not be vacuumed; autovacuum will do it",
            {{"partition", table}, {"error", vacuumed.error().message}});
  return true;
}

}  // namespace

void FreedSpace::note(std::int32_t day, std::uint64_t bytes) {
  std::lock_guard lock(mutex_);
  freed_[day] += bytes;
}

void FreedSpace::forget(std::int32_t day, std::uint64_t bytes) {
  std::lock_guard lock(mutex_);
  const auto known = freed_.find(day);
  if (known == freed_.end()) return;
  known->second -= std::min(known->second, bytes);
  if (known->second == 0) freed_.erase(known);
}

Result<bool> FreedSpace::reclaim(PqxxSession& session, std::uint64_t at_least) {
  std::map<std::int32_t, std::uint64_t> worth_a_look;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [day, bytes] : freed_) {
      if (bytes >= at_least) worth_a_look.emplace(day, bytes);
    }
  }
  for (const auto& [day, bytes] : worth_a_look) {
    auto done = reclaim_day(session, day, bytes);
    if (!done) return done;
    if (!*done) continue;
    forget(day, bytes);
    return true;
  }
  return false;
}

}  // namespace penstock::postgres
