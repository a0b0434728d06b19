// The agent's buffer on disk: batches in the order in which they were made, kept until a server has taken them.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "agent/descriptor.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::agent {

enum class SpoolKind : std::uint8_t { logs = 1, metrics = 2 };

struct SpooledBatch {
  std::uint64_t sequence = 0;  // 1, 2, 3, …
  SpoolKind kind = SpoolKind::logs;
  std::uint32_t records = 0;
  std::string key;    // idempotency key
  std::string notes;  // what the writer wants back after a restart
  std::string body;
};

struct SpoolOptions {
  std::string directory;
  std::size_t limit_bytes = 64 << 20;  // of all files together; over it the oldest file goes
  std::size_t file_bytes = 0;          // a file's size before the next is begun; 0: a sixteenth of the limit, 64 KiB to 4 MiB
  std::uint64_t least_sequence = 1;    // of batches to come
  Sealer* sealer = nullptr;            // null: batches are written as they are
};

// Append-only files of checksummed batches, named by their first sequence. A batch that was written whole survives kill -9 (the page
// cache keeps it); a torn one is cut off when the spool is opened. Memory: one batch and a few words a file. Not thread-safe.
//
// A batch on disk: magic u32 · length u32 of what follows the checksum · CRC32C u32 of that · sequence u64 · kind u8 · records u32 ·
// key, notes, body, each with a varint length. Little endian. A sealed one has another magic, and what follows the checksum is the key's id (u64)
// and the sealed bytes.
class Spool {
 public:
  // Reads what is there; key_mismatch: it is sealed with a key that is not at hand, and stays as it is. Batches up to `delivered` count as taken. `visit` is called for every batch found, taken ones too, oldest first.
  static Result<Spool> open(SpoolOptions options, std::uint64_t delivered, const std::function<void(const SpooledBatch&)>& visit);

  // Writes a batch (its sequence is assigned). io_error or storage_full: nothing was written. On a full disk logs are never dropped, neither
  // those here nor those given, which their files still hold: metrics make room for metrics only.
  Result<std::uint64_t> append(SpoolKind kind, std::uint32_t records, std::string_view key, std::string_view notes, std::string_view body);
  // The oldest batch not taken, or nothing.
  std::optional<SpooledBatch> front();
  // The batch with that sequence is taken; its file goes when it holds no other.
  void taken(std::uint64_t sequence);

  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t last() const { return next_ - 1; }
  std::uint64_t bytes() const { return bytes_; }  // on disk
  std::uint64_t dropped_batches() const { return dropped_batches_; }
  std::uint64_t dropped_bytes() const { return dropped_bytes_; }

 private:
  struct SpoolFile {
    std::string path;
    std::uint64_t first = 0;  // sequence of its first batch
    std::uint64_t size = 0;
    bool logs = false;  // holds lines
  };

  explicit Spool(SpoolOptions options);
  Result<void> scan(std::uint64_t delivered, const std::function<void(const SpooledBatch&)>& visit);
  Result<void> scan_file(SpoolFile& file, const std::function<void(const SpooledBatch&)>& visit);
  Result<std::string> encode(const SpooledBatch& batch);
  Result<void> begin_file();
  Result<void> write(std::string_view bytes);
  void drop_oldest();
  void forget_front();
  std::uint64_t first_after(std::size_t file) const;

  SpoolOptions options_;
  std::deque<SpoolFile> files_;
  KeyId key_ = 0;                    // of the last file
  Descriptor writer_;                // of the last file, when it is open
  std::uint64_t next_ = 1;           // sequence of the next batch
  std::uint64_t delivered_ = 0;      // all up to here are taken or dropped
  std::uint64_t read_offset_ = 0;    // in the first file
  std::uint64_t bytes_ = 0;
  std::uint64_t dropped_batches_ = 0, dropped_bytes_ = 0;
};

}  // namespace penstock::agent
