#include "server_fixture.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <limits>
#include <stdexcept>

#include "postgres/connection_string.hpp"
#include "postgres/migrations.hpp"

namespace penstock::postgres::test {

ScratchDirectory::ScratchDirectory() {
  std::string pattern = "/tmp/penstock-test-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no scratch directory");
  chmod(pattern.c_str(), 0755);
  path_ = pattern;
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

namespace {

struct Shared {
  ScratchDirectory directory;
  std::unique_ptr<PrivateServer> server;
};

}  // namespace

PrivateServer& shared_server() {
  static Shared shared;
  if (!shared.server) {
    ServerOptions options;
    options.directory = shared.directory.path() + "/postgres";
    options.settings = {{"fsync", "off"}, {"max_connections", "40"}};
    auto started = PrivateServer::start(options);
    if (!started) throw std::runtime_error(started.error().message);
    shared.server = *std::move(started);
    auto ready = shared.server->wait_ready(std::chrono::seconds(120));
    if (!ready) throw std::runtime_error(ready.error().message);
  }
  return *shared.server;
}

void DatabaseTest::SetUp() {
  static int number = 0;
  const std::string name = "test" + std::to_string(++number);
  ConnectionOptions server;
  server.url = shared_server().url();
  auto open = PqConnection::open(server);
  ASSERT_TRUE(open) << open.error().message;
  ASSERT_TRUE((*open)->script("CREATE DATABASE " + name, "make a database"));
  connection.url = server.url;
  append_setting(connection.url, "dbname", name);
  auto applied = Migrations(connection).up();
  ASSERT_TRUE(applied) << applied.error().message;
  auto opened = PqConnection::open(connection);
  ASSERT_TRUE(opened) << opened.error().message;
  side = *std::move(opened);
}

Options DatabaseTest::store_options() const {
  Options options;
  options.connection = connection;
  options.connection.lock_timeout = std::chrono::milliseconds(1500);
  options.retry_after_failure = std::chrono::milliseconds(0);
  return options;
}

Chunk DatabaseTest::chunk_of(const std::string& deployment, std::int32_t day, Sequence first, std::uint32_t count,
                             const std::string& payload, RecordKind kind) {
  Chunk chunk;
  ChunkMeta& m = chunk.meta;
  m.journal = kJournal;
  m.deployment = deployment;
  m.kind = kind;
  m.day = day;
  m.min_time.ns = day * kDay + kHour;
  m.max_time.ns = day * kDay + 2 * kHour + static_cast<std::int64_t>(first);
  m.min_sequence = first;
  m.max_sequence = first + count - 1;
  m.record_count = count;
  if (kind == RecordKind::metric) {
    m.min_series = 5;
    m.max_series = std::numeric_limits<SeriesId>::max() - 5;
  }
  m.key_id = 0x7edcba9876543210u;  // one with the top bit would have to be in the table of data keys
  m.payload_bytes = static_cast<std::uint32_t>(payload.size());
  chunk.header = std::string("head\0er", 7);
  chunk.filter = kind == RecordKind::log ? std::string("\xff\x00\x01 filter", 10) : "";
  chunk.payload = payload;
  return chunk;
}

StoreCommit DatabaseTest::commit_of(Sequence expected, Sequence next, std::vector<Chunk> chunks) {
  return {kJournal, expected, next, std::move(chunks), {}, {}};
}

std::int64_t DatabaseTest::ask(const std::string& sql) {
  auto rows = side->run(sql, "answer the test");
  if (!rows) throw std::runtime_error(rows.error().message);
  return rows->number(0, 0);
}

void DatabaseTest::tell(const std::string& sql) {
  auto done = side->script(sql, "do what the test says");
  if (!done) throw std::runtime_error(done.error().message);
}

std::vector<Chunk> DatabaseTest::stored(ChunkStore& store, RecordKind kind) {
  std::vector<Chunk> all;
  auto snapshot = store.snapshot();
  if (!snapshot) throw std::runtime_error(snapshot.error().message);
  ChunkFilter filter;
  filter.kind = kind;
  filter.from.ns = std::numeric_limits<std::int64_t>::min();
  filter.to.ns = std::numeric_limits<std::int64_t>::max();
  auto done = (*snapshot)->chunks(filter, [&](const Chunk& chunk) {
    all.push_back(chunk);
    all.back().payload = *(*snapshot)->read_payload(chunk.meta, 0, chunk.meta.payload_bytes);
    return true;
  });
  if (!done) throw std::runtime_error(done.error().message);
  return all;
}

}  // namespace penstock::postgres::test
