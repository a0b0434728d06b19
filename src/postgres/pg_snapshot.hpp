// A consistent view of the store: one read-only, repeatable-read transaction on a connection of the read pool.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/sealer.hpp"
#include "postgres/pq_transaction.hpp"
#include "postgres/read_pool.hpp"

namespace penstock::postgres {

// Chunks are fetched a page at a time, so `visit` may call read_payload().
class PgSnapshot final : public StoreSnapshot {
 public:
  static Result<std::unique_ptr<PgSnapshot>> begin(ReadPool& pool, Sealer* sealer);
  ~PgSnapshot() override;

  Sequence cursor(JournalId journal) const override;
  Result<void> chunks(const ChunkFilter& filter, const std::function<bool(const Chunk&)>& visit) override;
  Result<std::string> read_payload(const ChunkMeta& chunk, std::uint32_t offset, std::uint32_t size) override;
  Result<void> series(const SeriesFilter& filter, const std::function<bool(const Series&)>& visit) override;
  Result<void> stored(const std::function<void(const StoredAmount&)>& visit) override;
  Result<std::vector<Deletion>> deletions(const std::vector<std::string>& deployments) override;
  void cancel() override;

 private:
  PgSnapshot(ReadPool::Lease lease, PqTransaction transaction, Sealer* sealer);
  Result<PqResult> run(const std::string& sql, std::string_view doing, const PqParams& params = {});
  Result<void> each(const std::string& select, std::string_view doing, const PqParams& params, int page,
                    const std::function<bool(const PqResult&, int)>& visit);

  ReadPool::Lease lease_;
  std::optional<PqTransaction> transaction_;  // ends before the lease does
  std::map<JournalId, Sequence> cursors_;
  std::atomic<bool> canceled_{false};
  int next_cursor_ = 0;
  Sealer* const sealer_;
};

}  // namespace penstock::postgres
