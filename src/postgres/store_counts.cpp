#include "postgres/store_counts.hpp"

#include <utility>

namespace penstock::postgres {
namespace {

constexpr std::chrono::seconds kEvery{10};
constexpr std::chrono::seconds kAfterFailure{1};

}  // namespace

StoreStats StoreCounts::get() {
  {
    std::lock_guard lock(mutex_);
    if (counting_ || std::chrono::steady_clock::now() < next_) return last_;
    counting_ = true;
  }
  const auto begun = std::chrono::steady_clock::now();
  const auto counted = count();
  const auto now = std::chrono::steady_clock::now();
  std::lock_guard lock(mutex_);
  counting_ = false;
  if (counted) last_ = *counted;
  last_.available = counted.has_value();
  // A silent database is not waited for again at once.
  next_ = now + (counted ? std::chrono::steady_clock::duration(kEvery) : kAfterFailure + 4 * (now - begun));
  return last_;
}

Result<StoreStats> StoreCounts::count() {
  auto open = connection_.open();
  if (!open) return open.error();
  const auto rows = (*open)->run("SELECT count(*), coalesce(sum(bytes), 0)::bigint, (SELECT count(*) FROM series) FROM chunk", "count chunks");
  if (!rows) {
    connection_.drop();
    return rows.error();
  }
  StoreStats counted;
  counted.chunks = static_cast<std::uint64_t>(rows->number(0, 0));
  counted.bytes = static_cast<std::uint64_t>(rows->number(0, 1));
  counted.series = static_cast<std::uint64_t>(rows->number(0, 2));
  return counted;
}

}  // namespace penstock::postgres
