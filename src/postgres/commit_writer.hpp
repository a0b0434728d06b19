// The write side of the store: cursors and commits, over one connection of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "penstock/ports/chunk_store.hpp"
#include "postgres/options.hpp"
#include "postgres/pq_connection.hpp"

namespace penstock::postgres {

// Thread-safe: one call at a time, others wait.
class CommitWriter {
 public:
  explicit CommitWriter(const Options& options);

  Result<Sequence> load_cursor(JournalId journal);
  DestinationWriters writers() const;
  Result<void> check_session(JournalId journal);
  Result<void> commit(const StoreCommit& commit);
  // Partitions for these days, in a transaction of their own.
  Result<void> make_partitions(const std::vector<std::int32_t>& days);

 private:
  Result<PqConnection*> connection();
  Result<void> hold_session(PqConnection& open, JournalId journal, const PqResult& row);
  Result<void> write(PqConnection& open, const StoreCommit& commit);

  const Options options_;
  mutable std::mutex mutex_;
  std::unique_ptr<PqConnection> connection_;
  std::int64_t session_ = 0;  // of this process, in the cursor's row; drawn at random
  std::int64_t before_ = 0;   // the session that had the row when this one took it first
  std::int64_t since_ = 0;    // when it began, by the database's clock; 0: it has not
};

}  // namespace penstock::postgres
