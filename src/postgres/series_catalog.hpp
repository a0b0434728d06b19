// The table `series`: every series once, and no two under one id, with the days from its first to its last sample.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "penstock/core/labels.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/chunk_store.hpp"
#include "postgres/pq_connection.hpp"

namespace penstock::postgres {

// Remembers what is stored already, so that most commits ask the database nothing. Not thread-safe.
class SeriesCatalog {
 public:
  explicit SeriesCatalog(std::size_t remembered) : remembered_(remembered) {}

  // Stores those that are new, or have samples on new days, in the current transaction. series_collision when one of them has the id of a different
  // series.
  Result<void> add(PqConnection& connection, const std::vector<SeenSeries>& series);
  // After the transaction: what add() stored is known from now on, or is not.
  void committed();
  void rolled_back() { added_.clear(); }
  // The database may be another one now.
  void forget();

 private:
  struct Days {
    std::int32_t first, last;
  };
  Result<void> add_some(PqConnection& connection, const std::vector<SeenSeries>& series);

  const std::size_t remembered_;
  std::unordered_map<std::uint64_t, Days> known_;  // by fingerprint
  std::vector<std::pair<std::uint64_t, Days>> added_;
};

// "<deployment>/<id as 16 hex digits>".
std::string series_place(const std::string& deployment, SeriesId id);

}  // namespace penstock::postgres
