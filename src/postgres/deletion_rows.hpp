// Rows of the table `deletion`: its columns in one order, for whoever reads them.
#pragma once

#include <string>

#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::postgres {

inline constexpr const char* kDeletionColumns =
    "id, deployment, from_time, to_time, filter, journal_id, before_sequence, created_at";
inline constexpr int kDeletionColumnCount = 8;

// The row whose columns `number(i)` and `text(i)` give.
template <class Number, class Text>
Deletion deletion_of(Number number, Text text) {
  Deletion d;
  d.id = number(0);
  d.deployment = text(1);
  d.from.ns = number(2);
  d.to.ns = number(3);
  d.filter_json = text(4);
  d.journal.value = number(5);
  d.before = static_cast<Sequence>(number(6));
  d.created_at.ns = number(7);
  return d;
}

// What a filter asks for is text that was logged: the column holds "sealed:", the key's id as 16 hexadecimal digits, ":", base64url. Without a
// sealer, and in rows of earlier builds, the filter stands there as it is (JSON, or nothing). Errors as of the sealer; corrupt.
Result<std::string> seal_filter(Sealer* sealer, const Deletion& deletion);
Result<void> open_filter(Sealer* sealer, Deletion& deletion);

}  // namespace penstock::postgres
