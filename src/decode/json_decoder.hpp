// Native JSON: POST /api/v1/logs and /api/v1/metrics.
#pragma once

#include <string_view>

#include "penstock/ports/decoder.hpp"

namespace penstock::decode {

// Reads a body that is one object, an array of objects, one object a line, or objects one after another (RS, NUL, commas or nothing between
// them); which of them is told by the body. options.kind says whether records are logs or metric points. Reads with simdjson, one record at a
// time, so memory follows the largest record and not the body; each thread keeps its working memory (at most kKeptBytes) between calls. Byte
// order marks are skipped where a record may begin. Other character sets are charset.hpp's.
//
// What is refused, and how far:
// - A line that is not JSON, or a record that is no object, costs that record; those around it are kept.
// - In an array, and where objects follow each other, broken syntax costs the record that it is in: its index is rejected as invalid_json with
//   the byte, and reading goes on behind it. How far it goes is told by quotes and brackets, of other things by the next comma
//   (broken_extent.hpp). Where a quote or bracket is not closed up to the end of the body, reading ends there, and the message says so.
// - Between records a comma may be missing. Two commas without a record between them, and one before the ], are rejected as a record
//   that is none; so is what follows the array, but for the records in it, which are read.
// - An object over several lines is read as one record when the first line is not complete in itself.
// - Empty body, or an array without records: the call fails with nothing_accepted.
// - Limits: max_record_bytes, max_fields, max_depth, names of more than 1,024 bytes. A log without message and fields; a point without a value.
// What an object holds is never a reason: a value that does not fit what its name means (fitness.hpp) is kept under its own name, as a field of
// a log or a label of a point, and told as a warning (but see RecordReader::set_aside); with options.strict that refuses the record.
//
// A log: what its parts may be called, and in which order the names are preferred, is told by names.cpp; of several whose values fit, the others
// become fields under their own names. An override of options goes before all names, may be dotted ("meta.when"), and may list several names
// separated by commas. Objects are flattened to dotted names (an empty one is kept as the JSON text {}), arrays and numbers that neither an
// int64 nor a double holds are kept as JSON text. Of two equal names the last wins. Within `fields` names are fields' own.
//
// A point: `metrics` (name → number, nested objects dotted, null is "no value" and skipped) or `name` and `value`; `labels` or `tags` (text,
// numbers and booleans as text, objects dotted, an array of "name:value"). Other top-level keys become labels, but times do not: each would make
// a series. A value is a number, a boolean (0 or 1) or a number in quotes; another one costs itself.
//
// Text is repaired, never refused: NUL, invalid UTF-8, \u0000 and lone surrogates become U+FFFD. Other raw control characters within
// strings stay as they are; a raw line break only in an array and in an object that does not share its body with lines, where it ends the record.
class JsonDecoder : public Decoder {
 public:
  static constexpr std::size_t kKeptBytes = 1 << 20;

  std::string_view name() const override { return "json"; }
  Result<void> decode(std::string_view body, const DecodeOptions& options, RecordReceiver& receiver) const override;
};

}  // namespace penstock::decode
