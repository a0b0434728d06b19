#include "postgres/store_counts.hpp"

namespace penstock::postgres {

StoreStats StoreCounts::get() {
  std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return last_;
  StoreStats counted;
  auto done = session_.transact("count chunks", [&counted](pqxx::work& transaction) {
    const auto chunks = transaction.exec("SELECT count(*), coalesce(sum(bytes), 0)::bigint FROM chunk");
    counted.chunks = chunks[0][0].as<std::uint64_t>();
    counted.bytes = chunks[0][1].as<std::uint64_t>();
    counted.series = transaction.exec("SELECT count(*) FROM series")[0][0].as<std::uint64_t>();
  });
  if (done) last_ = counted;
  last_.available = done.has_value();
  next_ = std::chrono::steady_clock::now() + (done ? std::chrono::seconds(10) : std::chrono::seconds(1));
  return last_;
}

}  // namespace penstock::postgres
