// The one binary form of an accepted request: decoders write it, the journal stores it, sinks and the live window read it
// without parsing again. Layout: src/core/BATCH_FORMAT.md.
//
// A batch holds records of both kinds in order, each taking one sequence number. Deployments, sources, field names, label
// names and values are written once a batch and referred to after that.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/core/record.hpp"
#include "penstock/core/result.hpp"

namespace penstock {

// A request whose retry must be harmless: written with its records, so that it is as durable as they are.
struct IdempotencyEntry {
  std::uint64_t key_hi = 0, key_lo = 0;    // hash of who asked and the Idempotency-Key
  std::uint64_t body_hi = 0, body_lo = 0;  // hash of the body, to tell a reused key
  std::string answer;                      // the first answer: 3 digits of status, then the body
};

// Builds batches, one after the other, in memory that it keeps. Not thread-safe.
class BatchWriter {
 public:
  BatchWriter();
  ~BatchWriter();
  BatchWriter(BatchWriter&&) noexcept;
  BatchWriter& operator=(BatchWriter&&) noexcept;

  void add(const LogView& log);
  void add(const PointView& point);
  void set_idempotency(const IdempotencyEntry& entry);

  std::size_t record_count() const;
  std::size_t size_bytes() const;  // of the batch as it stands
  Timestamp min_time() const;      // of the records added; {INT64_MAX} when none
  Timestamp max_time() const;

  // The finished batch; the writer is empty again.
  std::string take();
  void clear();  // empty again, without a batch

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A record read from a batch; views point into the batch's bytes and into the reader, valid until its next call to next().
struct RecordView {
  RecordKind kind = RecordKind::log;
  std::uint32_t index = 0;  // within the batch; its sequence is the batch's first sequence + index
  LogView log;              // when kind == log
  PointView point;          // when kind == metric
};

// Reads a batch front to back, and then further ones in the same memory. Checks every length: corrupt bytes give an error, never a read
// outside.
class BatchReader {
 public:
  BatchReader();  // of no batch: corrupt until open()
  explicit BatchReader(std::string_view batch);
  ~BatchReader();

  // From the front of this one.
  void open(std::string_view batch);
  // False at the end or after an error (see error()).
  bool next(RecordView& out);
  // Set when the bytes are not a batch.
  const Error* error() const;
  // As the header tells; nothing but error() means anything when there is one from the start.
  std::uint32_t record_count() const;
  Timestamp min_time() const;
  Timestamp max_time() const;

  // The idempotency entry of a batch, if it carries one.
  static Result<std::optional<IdempotencyEntry>> idempotency(std::string_view batch);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock
