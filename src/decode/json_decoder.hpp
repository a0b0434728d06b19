// Native JSON: POST /api/v1/logs and /api/v1/metrics.
#pragma once

#include <string_view>

#include "penstock/ports/decoder.hpp"

namespace penstock::decode {

// Reads a body that is one object, an array of objects, or one object a line; which of them is told by the body. options.kind
// says whether records are logs or metric points. Reads with simdjson, one record at a time, so memory follows the largest record
// and not the body; each thread keeps its working memory (at most kKeptBytes) between calls.
//
// What is refused, and how far:
// - A line that is not JSON, or a record of the wrong shape, costs that record; those around it are kept.
// - In an array, too, broken syntax costs the record that it is in: its index is rejected as invalid_json with the byte, and reading
//   goes on behind it. How far it goes is told by quotes and brackets, of other things by the next comma (broken_extent.hpp). Where
//   a quote or bracket is not closed up to the end of the body, reading ends there, and the message says so.
// - Between records a comma may be missing. Two commas without a record between them, and one before the ], are rejected as a record
//   that is none; so is what follows the array, but for the records in it, which are read.
// - An object over several lines is read as one record when the first line is not complete in itself.
// - Empty body, or an array without records: the call fails with nothing_accepted. A byte order mark at the start is skipped.
//
// A log: `message` is needed, all else may be absent. The canonical name wins over the aliases, these in the order of names.cpp;
// what is not taken becomes a field under its own name. An override of options goes before all names, may be dotted
// ("meta.when"), and may list several names separated by commas. Objects are flattened to dotted names (an empty one is kept as the JSON
// text {}), arrays and numbers that neither an int64 nor a double holds are kept as JSON text. Of two equal names the last wins.
// `timestamp`, `time` and their like must be a time, `severity` a severity; a `level` or `lvl` that is none stays a field.
//
// A point: `metrics` (name → number, nested objects dotted, null is "no value" and skipped) or `name` and `value`; `labels` (text,
// numbers and booleans as text). Other top-level scalars become labels. A number in a string is invalid_value.
//
// Text is repaired, never refused: NUL, invalid UTF-8, \u0000 and lone surrogates become U+FFFD. Other raw control characters within
// strings stay as they are; a raw line break only in an array, since elsewhere it ends the record.
class JsonDecoder : public Decoder {
 public:
  static constexpr std::size_t kKeptBytes = 1 << 20;

  std::string_view name() const override { return "json"; }
  Result<void> decode(std::string_view body, const DecodeOptions& options, RecordReceiver& receiver) const override;
};

}  // namespace penstock::decode
