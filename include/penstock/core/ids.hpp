// Identities that need no coordination between servers.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace penstock {

// Which journal (one a data directory, drawn at random when it is made). Positive, so that it fits Postgres' bigint.
struct JournalId {
  std::int64_t value = 0;
  auto operator<=>(const JournalId&) const = default;
};

// The place of a record in its journal: 1, 2, 3, … without gaps, never reused.
using Sequence = std::uint64_t;

// A record's identity, everywhere and for ever. As text: 13 + 1 + n characters of lower-case base 36 and a dash, "1y2p0ij32e8e7-4f".
struct RecordId {
  JournalId journal;
  Sequence sequence = 0;
  auto operator<=>(const RecordId&) const = default;
};

// Records [from, to) of one journal: what arrived in between.
struct SequenceRange {
  JournalId journal;
  Sequence from = 0, to = 0;
  bool contains(RecordId id) const { return id.journal == journal && id.sequence >= from && id.sequence < to; }
};

std::string to_string(RecordId id);
std::optional<RecordId> parse_record_id(std::string_view text);

// Hash of (deployment, metric name, labels, source); see series_id() in labels.hpp. Any server derives the same.
using SeriesId = std::uint64_t;

}  // namespace penstock
