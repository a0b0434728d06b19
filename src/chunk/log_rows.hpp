// Log records gathered in columns, before they are sorted and encoded.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "chunk/string_values.hpp"
#include "chunk/text_arena.hpp"
#include "chunk/token_filter.hpp"
#include "penstock/core/ids.hpp"
#include "penstock/core/record.hpp"

namespace penstock::chunk {

// Values of one (field name, type) as they came; a further column takes the second value of a record that repeats a name and type.
struct FieldBuffer {
  std::string name;
  FieldType type = FieldType::string;
  std::uint64_t name_seed = 0;
  std::uint64_t total = 0;           // values since the column was made, also those cleared
  std::vector<std::uint32_t> rows;   // ascending: the row of each value
  StringValues strings;              // string, json
  std::vector<std::int64_t> integers;  // integer, boolean
  std::vector<double> reals;
};

// Not thread-safe. Appending does not allocate but for amortised growth. Tokens of what is new go into the filter at once.
class LogRows {
 public:
  LogRows();

  void add(const LogView& log, Sequence sequence, TokenFilterBuilder& filter);

  std::size_t size() const { return timestamps.size(); }
  std::size_t memory_bytes() const { return vector_bytes_ + vector_bytes_ / 2 + arena_.memory_bytes() + column_bytes_; }
  // Forgets the records; the columns stay, in their places.
  void clear_rows();

  // Columns, one entry a row.
  std::vector<std::int64_t> timestamps;
  std::vector<std::int64_t> received_at;
  std::vector<std::uint64_t> sequences;
  std::vector<std::uint8_t> severities;
  std::vector<std::uint32_t> weights;  // about the bytes a row takes when decoded
  StringValues sources;
  StringValues messages;
  std::vector<FieldBuffer> fields;

 private:
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
  };
  struct Seen {
    std::uint32_t column = UINT32_MAX;
    std::uint64_t bits = 0;
  };

  FieldBuffer& column_of(const FieldView& field, std::size_t place, std::uint32_t row);
  std::size_t add_value(FieldBuffer& column, std::uint32_t index, const FieldValue& value, TokenFilterBuilder& filter);
  void add_text(const FieldBuffer& column, std::string_view text, TokenFilterBuilder& filter);
  void add_elements(const FieldBuffer& column, std::string_view json, TokenFilterBuilder& filter);
  void add_number(std::uint32_t index, const FieldBuffer& column, const FieldValue& value, std::uint64_t bits, TokenFilterBuilder& filter);

  TextArena arena_;
  std::unordered_map<std::string, std::vector<std::uint32_t>, NameHash, std::equal_to<>> by_name_;
  std::vector<std::uint32_t> last_shape_;  // columns of the last record's fields: the likeliest of the next one's
  std::uint32_t found_ = 0;                // index of what column_of found
  std::array<Seen, 512> seen_{};           // numbers whose text went into the filter lately
  std::string scratch_;
  std::size_t vector_bytes_ = 0;
  std::size_t column_bytes_ = 0;
  std::uint64_t source_seed_;
};

}  // namespace penstock::chunk
