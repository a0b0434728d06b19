// The parts that forms of time are made of, and what becomes of them.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ascii.hpp"
#include "core/time_zone.hpp"
#include "penstock/core/time.hpp"

namespace penstock {

// What a text says of a time. It may leave the year and the zone open.
struct TimeReading {
  CivilTime civil;
  bool has_year = false;
  std::int64_t fraction_ns = 0;
  ZoneText zone;
};

// The rest of a text. Each call that gives false has moved nothing.
class TimeCursor {
 public:
  explicit TimeCursor(std::string_view text) : text_(text) {}

  std::string_view rest() const { return text_; }
  bool at_end() const { return text_.empty(); }
  char front() const { return text_.empty() ? '\0' : text_.front(); }
  bool take(char c) {
    if (front() != c || text_.empty()) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool take_any(std::string_view characters) {
    if (text_.empty() || characters.find(text_.front()) == std::string_view::npos) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool take(std::string_view word) {
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }
  // One blank or more; some libraries write narrow ones (U+202F, U+00A0) before AM and PM.
  bool blanks() {
    const std::size_t before = text_.size();
    while (take(' ') || take('\t') || take("\u202f") || take("\u00a0")) {
    }
    return text_.size() < before;
  }
  // How many digits stand here.
  std::size_t digits() const {
    std::size_t count = 0;
    while (count < text_.size() && is_digit(text_[count])) ++count;
    return count;
  }
  // A number of exactly so many digits; more may follow.
  bool number(std::size_t size, std::uint32_t& out) {
    if (digits() < size) return false;
    out = 0;
    for (std::size_t i = 0; i < size; ++i) out = out * 10 + static_cast<std::uint32_t>(text_[i] - '0');
    text_.remove_prefix(size);
    return true;
  }
  // A number of one or two digits in all.
  bool short_number(std::uint32_t& out) {
    const std::size_t size = digits();
    return size >= 1 && size <= 2 && number(size, out);
  }
  // A name of the list, whole or its first three letters ("Sept" as well), in any case; `out` is its place.
  template <std::size_t kCount>
  bool name(const std::array<std::string_view, kCount>& names, std::uint32_t& out) {
    std::size_t size = 0;
    while (size < text_.size() && is_letter(text_[size])) ++size;
    if (size < 3 || size > 9) return false;
    for (std::uint32_t i = 0; i < names.size(); ++i) {
      const std::string_view name = names[i];
      const bool spelled = size == 3 || size == name.size() || (size == 4 && name.starts_with("sept"));
      if (!spelled || !std::equal(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(size), name.begin(),
                                  [](char a, char b) { return to_lower(a) == b; })) {
        continue;
      }
      out = i;
      text_.remove_prefix(size);
      return true;
    }
    return false;
  }
  ZoneText zone(bool local) { return take_zone(text_, local); }

 private:
  std::string_view text_;
};

enum class Seconds { needed, optional };

// Each takes what it tells off the cursor, or gives false and moves nothing.
// A name, whole or its first three letters; 1 … 12.
bool month_name(TimeCursor& in, std::uint32_t& out);
// With a comma or without, and the blanks behind it.
bool skip_weekday(TimeCursor& in);
// 13:33:00.123, 1:33 PM; `separator` is a dot in Db2's form.
bool clock(TimeCursor& in, TimeReading& out, Seconds seconds, char separator = ':');
// 133300 or 1333, as basic ISO 8601 has it.
bool basic_clock(TimeCursor& in, TimeReading& out);

// Times after this are none where there is a choice.
std::int64_t latest(const TimeSense& sense);
// The time that was meant; nothing when there is none, or the zone is not sure. Without a year it lies in the past, or a day ahead at most.
std::optional<Timestamp> settle(TimeReading reading, const TimeSense& sense);

}  // namespace penstock
