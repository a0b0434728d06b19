#include "postgres/pq_result.hpp"

#include <charconv>

namespace penstock::postgres {

PqParams& PqParams::add(std::int64_t number) { return add(std::to_string(number)); }

PqParams& PqParams::add(std::string text) {
  values_.push_back({std::move(text), {}, false});
  return *this;
}

PqParams& PqParams::add_bytes(std::string_view bytes) {
  values_.push_back({{}, bytes, true});
  return *this;
}

PqParams& PqParams::add_array(const std::vector<std::string>& texts) {
  std::string array = "{";
  for (const auto& text : texts) {
    if (array.size() > 1) array += ',';
    array += '"';
    for (const char c : text) {
      if (c == '"' || c == '\\') array += '\\';
      array += c;
    }
    array += '"';
  }
  return add(array + "}");
}

PqParams& PqParams::add_array(const std::vector<std::int64_t>& numbers) {
  std::string array = "{";
  for (const auto number : numbers) {
    if (array.size() > 1) array += ',';
    array += std::to_string(number);
  }
  return add(array + "}");
}

std::int64_t PqResult::number(int row, int column) const {
  const std::string_view raw = bytes(row, column);
  if (raw.empty()) return 0;
  std::uint64_t value = (raw.front() & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (const char c : raw) value = (value << 8) | static_cast<unsigned char>(c);
  return static_cast<std::int64_t>(value);
}

std::string_view PqResult::bytes(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::uint64_t PqResult::affected() const {
  const std::string_view text = PQcmdTuples(result_.get());
  std::uint64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

}  // namespace penstock::postgres
