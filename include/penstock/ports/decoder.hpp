// A wire format: bytes in, records or per-record errors out. Pure: no Asio, no clock, no globals.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "penstock/core/record.hpp"
#include "penstock/core/result.hpp"

namespace penstock {

// A value that did not fit what its name means, in a record that is taken all the same. Views as good as the record's.
struct Warning {
  ErrorCode code = ErrorCode::invalid_value;
  std::string_view field;    // the name it stood under
  std::string_view message;  // one sentence for a person
};

// A log as the wire gave it: what is absent is filled in by ingest. Text is UTF-8 already repaired by the decoder.
struct DecodedLog {
  std::optional<Timestamp> timestamp;
  std::string_view deployment;  // empty: absent
  std::string_view source;      // empty: absent
  std::optional<Severity> severity;
  std::string_view message;
  std::span<const FieldView> fields;
  std::size_t wire_bytes = 0;   // its size in the body
  std::span<const Warning> warnings;
};

struct DecodedPoint {
  std::optional<Timestamp> timestamp;
  std::string_view deployment;
  std::string_view source;
  std::span<const LabelView> labels;
  std::span<const SampleView> samples;
  std::size_t wire_bytes = 0;
  std::span<const Warning> warnings;
};

// Takes what a decoder finds, in order. `index` counts the records of the request from 0, refused ones included.
class RecordReceiver {
 public:
  virtual ~RecordReceiver() = default;
  virtual void log(std::size_t index, const DecodedLog& log) = 0;
  virtual void point(std::size_t index, const DecodedPoint& point) = 0;
  virtual void reject(std::size_t index, Error error) = 0;
};

// Whose records, and which keys hold what, when the caller says so (?time_field=…). Limits come from configuration.
struct DecodeOptions {
  RecordKind kind = RecordKind::log;  // what the endpoint takes
  std::string_view time_field, message_field, severity_field, source_field;
  std::size_t max_record_bytes = 1 << 20;
  std::size_t max_fields = 1000;
  std::size_t max_depth = 64;
  std::size_t max_name_bytes = 200;  // of a source
  bool strict = false;               // what would be a warning refuses the record
  std::optional<Timestamp> now;      // tells the year of a time that names none; without it such a text is no time
};

// Stateless: one instance may decode on many threads at once.
class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual std::string_view name() const = 0;  // "json"
  // Fails only when the body as a whole cannot be read; a bad record among good ones goes to receiver.reject().
  virtual Result<void> decode(std::string_view body, const DecodeOptions& options, RecordReceiver& receiver) const = 0;
};

}  // namespace penstock
