// Whether an ingest request may begin; asked before its body is read.
#pragma once

#include <atomic>
#include <functional>
#include <optional>

#include "penstock/core/result.hpp"

namespace penstock::ingest {

// Thread-safe.
class Admission {
 public:
  // `storage`: why the journal cannot take records now (storage_full, storage_failed), or nothing; callable from any thread.
  explicit Admission(std::function<std::optional<Error>()> storage);

  // From now on every request is refused with draining.
  void drain();
  // draining, storage_full or storage_failed: each is a 503 with Retry-After.
  Result<void> check() const;

 private:
  const std::function<std::optional<Error>()> storage_;
  std::atomic<bool> draining_{false};
};

}  // namespace penstock::ingest
