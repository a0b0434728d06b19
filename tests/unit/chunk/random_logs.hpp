// Random log records for the property tests of chunks, in a form that owns its text and compares.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "chunk/log_chunk_builder.hpp"
#include "chunk/log_chunk_reader.hpp"
#include "penstock/core/record.hpp"

namespace penstock::test {

struct OwnedField {
  std::string name;
  FieldType type = FieldType::null;
  std::string text;
  std::int64_t integer = 0;
  std::uint64_t real_bits = 0;
  auto operator<=>(const OwnedField&) const = default;

  FieldView view() const {
    switch (type) {
      case FieldType::string: return {name, FieldValue::of(std::string_view(text))};
      case FieldType::json: return {name, FieldValue::of_json(text)};
      case FieldType::integer: return {name, FieldValue::of(integer)};
      case FieldType::boolean: return {name, FieldValue::of(integer != 0)};
      case FieldType::real: return {name, FieldValue::of(std::bit_cast<double>(real_bits))};
      case FieldType::null: break;
    }
    return {name, FieldValue::none()};
  }
  static OwnedField of(const FieldView& field) {
    return {std::string(field.name), field.value.type, std::string(field.value.text), field.value.integer,
            std::bit_cast<std::uint64_t>(field.value.real)};
  }
};

struct OwnedLog {
  std::int64_t timestamp = 0;
  Sequence sequence = 0;
  std::int64_t received = 0;
  std::uint8_t severity = 2;
  std::string source;
  std::string message;
  std::vector<OwnedField> fields;  // the order of fields is not kept by chunks: sorted
  auto operator<=>(const OwnedLog&) const = default;

  static OwnedLog of(const LogView& log, Sequence sequence) {
    OwnedLog out{log.timestamp.ns, sequence, log.received_at.ns, static_cast<std::uint8_t>(log.severity), std::string(log.source),
                 std::string(log.message), {}};
    for (const FieldView& field : log.fields) out.fields.push_back(OwnedField::of(field));
    std::sort(out.fields.begin(), out.fields.end());
    return out;
  }

  void add_to(chunk::LogChunkBuilder& builder) const {
    std::vector<FieldView> views;
    for (const OwnedField& field : fields) views.push_back(field.view());
    LogView log;
    log.timestamp.ns = timestamp;
    log.received_at.ns = received;
    log.deployment = builder.deployment();
    log.source = source;
    log.severity = static_cast<Severity>(severity);
    log.message = message;
    log.fields = views;
    builder.add(log, sequence);
  }
};

inline void PrintTo(const OwnedLog& log, std::ostream* out) {
  *out << "{ts " << log.timestamp << " seq " << log.sequence << " source '" << log.source << "' message of " << log.message.size()
       << " bytes, " << log.fields.size() << " fields}";
}

struct RandomLogOptions {
  std::size_t names = 12;        // how many different field names there are
  std::size_t max_fields = 8;
  bool extremes = true;          // times and numbers from the whole range
  bool ordered = false;
  Sequence first_sequence = 1;
};

class RandomLogs {
 public:
  explicit RandomLogs(std::uint64_t seed) : random_(seed) {}

  std::vector<OwnedLog> make(std::size_t count, const RandomLogOptions& options) {
    std::vector<OwnedLog> logs;
    std::int64_t time = 1'795'181'580'000'000'000;
    for (std::size_t i = 0; i < count; ++i) {
      OwnedLog log;
      time += options.ordered || below(4) ? static_cast<std::int64_t>(below(5'000'000)) : -static_cast<std::int64_t>(below(60'000'000'000));
      log.timestamp = options.extremes && !options.ordered && below(50) == 0 ? integer() : time;
      log.received = below(20) == 0 ? integer() : time + static_cast<std::int64_t>(below(3'000'000));
      log.sequence = options.first_sequence + i;
      log.severity = static_cast<std::uint8_t>(below(7));
      log.source = below(10) == 0 ? text() : "host-" + std::to_string(below(5));
      log.message = below(3) == 0 ? "a line that comes again" : text();
      const std::size_t fields = below(options.max_fields + 1);
      for (std::size_t f = 0; f < fields; ++f) log.fields.push_back(field(options.names));
      std::sort(log.fields.begin(), log.fields.end());
      logs.push_back(std::move(log));
    }
    return logs;
  }

  std::uint64_t below(std::uint64_t end) { return end == 0 ? 0 : random_() % end; }

  std::int64_t integer() {
    switch (below(5)) {
      case 0: return static_cast<std::int64_t>(below(100));
      case 1: return std::numeric_limits<std::int64_t>::min();
      case 2: return std::numeric_limits<std::int64_t>::max();
      case 3: return static_cast<std::int64_t>(random_());
      default: return -static_cast<std::int64_t>(below(1'000'000));
    }
  }

  double real() {
    switch (below(8)) {
      case 0: return std::bit_cast<double>(random_());  // anything: NaN payloads, subnormals
      case 1: return -0.0;
      case 2: return std::numeric_limits<double>::infinity();
      case 3: return static_cast<double>(below(100'000)) / 100;
      case 4: return std::numeric_limits<double>::quiet_NaN();
      case 5: return 1.0 / 3.0;
      case 6: return 9007199254740993.0;
      default: return static_cast<double>(below(1000));
    }
  }

  std::string text() {
    switch (below(6)) {
      case 0: return "";
      case 1: return "GET /api/v1/orders/" + std::to_string(below(100'000)) + " 200";
      case 2: return "caf\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac " + std::to_string(below(10));
      case 3: {
        std::string bytes;
        for (std::size_t i = below(200); i > 0; --i) bytes.push_back(static_cast<char>(below(256)));
        return bytes;
      }
      default: return "word" + std::to_string(below(50)) + " other_word" + std::to_string(below(5));
    }
  }

 private:
  OwnedField field(std::size_t names) {
    OwnedField out;
    out.name = "field." + std::to_string(below(names));
    out.type = static_cast<FieldType>(below(6));
    switch (out.type) {
      case FieldType::string:
      case FieldType::json: out.text = text(); break;
      case FieldType::integer: out.integer = integer(); break;
      case FieldType::boolean: out.integer = static_cast<std::int64_t>(below(2)); break;
      case FieldType::real: out.real_bits = std::bit_cast<std::uint64_t>(real()); break;
      case FieldType::null: break;
    }
    return out;
  }

  std::mt19937_64 random_;
};

// As chunks give them back.
inline void sort_logs(std::vector<OwnedLog>& logs) {
  std::sort(logs.begin(), logs.end(), [](const OwnedLog& a, const OwnedLog& b) {
    return a.timestamp != b.timestamp ? a.timestamp < b.timestamp : a.sequence < b.sequence;
  });
}

}  // namespace penstock::test
