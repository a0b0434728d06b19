#include "chunk/field_values.hpp"

#include <algorithm>

#include "chunk/codec/integer_codec.hpp"
#include "chunk/codec/presence_codec.hpp"
#include "chunk/codec/real_codec.hpp"
#include "chunk/codec/string_codec.hpp"

namespace penstock::chunk {

bool FieldValues::decode(ByteReader& in, FieldType type, std::size_t row_count) {
  type_ = type;
  if (!decode_presence(in, row_count, rows_, count_)) return false;
  switch (type) {
    case FieldType::string:
    case FieldType::json: return StringColumnDecoder::decode(in, count_, strings_);
    case FieldType::integer:
    case FieldType::boolean: return decode_integers(in, count_, integers_);
    case FieldType::real: return decode_reals(in, count_, reals_);
    case FieldType::null: return true;
  }
  return false;
}

std::size_t FieldValues::find(std::size_t row) const {
  if (rows_.empty()) return row < count_ ? row : kAbsent;
  const auto at = std::lower_bound(rows_.begin(), rows_.end(), row);
  return at != rows_.end() && *at == row ? static_cast<std::size_t>(at - rows_.begin()) : kAbsent;
}

std::optional<FieldValue> FieldValues::at(std::size_t row) const {
  const std::size_t i = find(row);
  if (i == kAbsent) return std::nullopt;
  return value(i);
}

FieldValue FieldValues::value(std::size_t i) const {
  switch (type_) {
    case FieldType::string: return FieldValue::of(strings_[i]);
    case FieldType::json: return FieldValue::of_json(strings_[i]);
    case FieldType::integer: return FieldValue::of(integers_[i]);
    case FieldType::boolean: return FieldValue::of(integers_[i] != 0);
    case FieldType::real: return FieldValue::of(reals_[i]);
    case FieldType::null: break;
  }
  return FieldValue::none();
}

std::size_t FieldValues::memory_bytes() const {
  return rows_.capacity() * sizeof(std::uint32_t) + strings_.memory_bytes() + integers_.capacity() * sizeof(std::int64_t) +
         reals_.capacity() * sizeof(double);
}

}  // namespace penstock::chunk
