// Goes over the store's chunks in time order, some whole days at a time: every chunk lies in one day, so none comes
// twice, only one window's candidates are held, and a query that has its answer stops before older days are even
// planned.
#pragma once

#include <functional>
#include <vector>

#include "base/byte_budget.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/chunk_store.hpp"

namespace penstock::query {

class ChunkWalk {
 public:
  // Looks at a chunk's header and filter (not its payload); false passes it over.
  using Accept = std::function<Result<bool>(const Chunk&)>;

  // `filter` holds the range; `lease` is charged for the candidates of a window while they are held.
  ChunkWalk(StoreSnapshot& snapshot, ChunkFilter filter, bool ascending, ByteBudget::Lease& lease);
  ~ChunkWalk();

  // The range of the next window; false at the end.
  bool next(Timestamp& from, Timestamp& to);
  // The accepted chunks of that window, without filter and payload: by max_time, newest first, or by min_time, oldest
  // first.
  Result<const std::vector<Chunk>*> load(const Accept& accept);

 private:
  void drop();

  StoreSnapshot& snapshot_;
  const ChunkFilter filter_;
  const bool ascending_;
  ByteBudget::Lease& lease_;
  std::vector<Chunk> window_;
  std::size_t charged_ = 0;
  Timestamp from_, to_;          // the window at hand
  Timestamp rest_from_, rest_to_;
  std::int32_t days_;            // length of a window
};

// The error of a query whose budget is used up.
Error memory_error();

}  // namespace penstock::query
