// A private Postgres for tests: one for the whole program, a fresh database for each test.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "metrics/registry.hpp"
#include "penstock/core/time.hpp"
#include "postgres/pg_chunk_store.hpp"
#include "postgres/pq_connection.hpp"
#include "postgres/private_server.hpp"

namespace penstock::postgres::test {

inline constexpr Timestamp kNow{1'795'181'580 * kSecond};
inline constexpr JournalId kJournal{4711};

// A new directory that the system user of the server may pass to; removed at the end.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The program's server; started with the first call.
PrivateServer& shared_server();

// A database of its own with the schema in it.
class DatabaseTest : public ::testing::Test {
 protected:
  void SetUp() override;

  Options store_options() const;
  // A chunk with these bytes; times of `day`, sequences [first, first + count).
  static Chunk chunk_of(const std::string& deployment, std::int32_t day, Sequence first, std::uint32_t count,
                        const std::string& payload,
                        RecordKind kind = RecordKind::log);
  static StoreCommit commit_of(Sequence expected, Sequence next, std::vector<Chunk> chunks);
  // One number, asked of the database.
  std::int64_t ask(const std::string& sql);
  void tell(const std::string& sql);
  std::vector<Chunk> stored(ChunkStore& store, RecordKind kind = RecordKind::log);

  ConnectionOptions connection;
  metrics::Registry metrics;
  std::unique_ptr<PqConnection> side;  // a session of the test's own
};

}  // namespace penstock::postgres::test
