// The table `deletion`: what answers leave out until it is gone from the chunks.
#pragma once

#include <cstdint>
#include <vector>

#include "penstock/ports/chunk_store.hpp"
#include "postgres/pqxx_session.hpp"

namespace penstock::postgres {

// Thread-safe.
class DeletionList {
 public:
  explicit DeletionList(const ConnectionOptions& options) : session_(options) {}

  // Its id is assigned here.
  Result<Deletion> add(const Deletion& deletion);
  Result<std::vector<Deletion>> open();
  Result<void> close(std::int64_t id);

 private:
  PqxxSession session_;
};

}  // namespace penstock::postgres
