#include "chunk/log_rows.hpp"

#include <bit>

#include "penstock/core/json_elements.hpp"

namespace penstock::chunk {
namespace {

constexpr std::size_t kRowBytes = 3 * sizeof(std::int64_t) + sizeof(std::uint8_t) + 3 * sizeof(std::uint32_t);
constexpr std::size_t kEntryBytes = sizeof(std::string_view) + 16;  // with its slot
constexpr std::size_t kDecodedField = 16;

bool follows(const FieldBuffer& column, const FieldView& field, std::uint32_t row) {
  return column.type == field.value.type && column.name == field.name && (column.rows.empty() || column.rows.back() != row);
}

}  // namespace

LogRows::LogRows() : source_seed_(field_name_seed("source")) {}

void LogRows::add(const LogView& log, Sequence sequence, TokenFilterBuilder& filter) {
  const auto row = static_cast<std::uint32_t>(timestamps.size());
  timestamps.push_back(log.timestamp.ns);
  received_at.push_back(log.received_at.ns);
  sequences.push_back(sequence);
  severities.push_back(static_cast<std::uint8_t>(log.severity));
  std::size_t bytes = kRowBytes;
  if (sources.add(log.source, arena_)) {
    filter.add_tokens(log.source);
    filter.add(field_value_hash(source_seed_, log.source));
    bytes += kEntryBytes;
  }
  if (messages.add(log.message, arena_)) {
    filter.add_tokens(log.message);
    bytes += kEntryBytes;
  }
  std::size_t weight = kRowBytes + log.message.size();
  if (last_shape_.size() < log.fields.size()) last_shape_.resize(log.fields.size(), UINT32_MAX);
  for (std::size_t i = 0; i < log.fields.size(); ++i) {
    const FieldView& field = log.fields[i];
    FieldBuffer& column = column_of(field, i, row);
    bytes += add_value(column, found_, field.value, filter);
    column.rows.push_back(row);
    ++column.total;
    weight += kDecodedField + field.value.text.size();
  }
  weights.push_back(static_cast<std::uint32_t>(std::min<std::size_t>(weight, UINT32_MAX)));
  vector_bytes_ += bytes;
}

FieldBuffer& LogRows::column_of(const FieldView& field, std::size_t place, std::uint32_t row) {
  std::uint32_t& guess = last_shape_[place];
  if (guess < fields.size() && follows(fields[guess], field, row)) {
    found_ = guess;
    return fields[guess];
  }
  auto known = by_name_.find(field.name);
  if (known == by_name_.end()) known = by_name_.emplace(std::string(field.name), std::vector<std::uint32_t>()).first;
  for (const std::uint32_t index : known->second) {
    if (follows(fields[index], field, row)) {
      found_ = guess = index;
      return fields[index];
    }
  }
  found_ = guess = static_cast<std::uint32_t>(fields.size());
  known->second.push_back(found_);
  FieldBuffer& column = fields.emplace_back();
  column.name = field.name;
  column.type = field.value.type;
  column.name_seed = field_name_seed(field.name);
  column_bytes_ += sizeof(FieldBuffer) + 2 * column.name.capacity() + 64;
  return column;
}

std::size_t LogRows::add_value(FieldBuffer& column, std::uint32_t index, const FieldValue& value, TokenFilterBuilder& filter) {
  constexpr std::size_t row_bytes = sizeof(std::uint32_t);
  switch (value.type) {
    case FieldType::string:
    case FieldType::json:
      if (!column.strings.add(value.text, arena_)) return row_bytes + sizeof(std::uint32_t);
      if (value.type == FieldType::json) {
        add_elements(column, value.text, filter);
      } else {
        add_text(column, value.text, filter);
      }
      return row_bytes + sizeof(std::uint32_t) + kEntryBytes;
    case FieldType::integer:
    case FieldType::boolean:
      column.integers.push_back(value.integer);
      add_number(index, column, value, static_cast<std::uint64_t>(value.integer), filter);
      return row_bytes + sizeof(std::int64_t);
    case FieldType::real:
      column.reals.push_back(value.real);
      add_number(index, column, value, std::bit_cast<std::uint64_t>(value.real), filter);
      return row_bytes + sizeof(double);
    case FieldType::null: add_number(index, column, value, 0, filter); break;
  }
  return row_bytes;
}

void LogRows::add_text(const FieldBuffer& column, std::string_view text, TokenFilterBuilder& filter) {
  filter.add_tokens(text);
  filter.add(field_value_hash(column.name_seed, text));
}

void LogRows::add_elements(const FieldBuffer& column, std::string_view json, TokenFilterBuilder& filter) {
  filter.add(field_value_hash(column.name_seed, json));
  each_json_element(json, [&](std::string_view element) {
    add_text(column, element, filter);
    return true;
  });
}

void LogRows::add_number(std::uint32_t index, const FieldBuffer& column, const FieldValue& value, std::uint64_t bits,
                         TokenFilterBuilder& filter) {
  Seen& seen = seen_[((bits ^ (bits >> 32) ^ (bits >> 48)) + index * 37u) % seen_.size()];
  if (seen.column == index && seen.bits == bits) return;
  seen = {index, bits};
  scratch_.clear();
  append_text(scratch_, value);
  add_text(column, scratch_, filter);
}

void LogRows::clear_rows() {
  timestamps.clear();
  received_at.clear();
  sequences.clear();
  severities.clear();
  weights.clear();
  sources.clear();
  messages.clear();
  for (FieldBuffer& column : fields) {
    column.rows.clear();
    column.strings.clear();
    column.integers.clear();
    column.reals.clear();
  }
  arena_.clear();
  vector_bytes_ = 0;
}

}  // namespace penstock::chunk
