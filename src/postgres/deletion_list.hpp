// The table `deletion`: what answers leave out until it is gone from the chunks.
#pragma once

#include <cstdint>
#include <vector>

#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/sealer.hpp"
#include "postgres/pqxx_session.hpp"

namespace penstock::postgres {

// Thread-safe.
class DeletionList {
 public:
  // Null: filters are kept as they are.
  DeletionList(const ConnectionOptions& options, Sealer* sealer) : session_(options), sealer_(sealer) {}

  // Its id is assigned here.
  Result<Deletion> add(const Deletion& deletion);
  Result<std::vector<Deletion>> open();
  Result<void> close(std::int64_t id);

 private:
  PqxxSession session_;
  Sealer* const sealer_;
};

}  // namespace penstock::postgres
