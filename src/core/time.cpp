#include "penstock/core/time.hpp"

#include <array>
#include <limits>

#include "core/civil.hpp"

namespace penstock {
namespace {

void put_digits(char* out, std::uint32_t value, std::size_t count) {
  for (std::size_t i = count; i-- > 0; value /= 10) out[i] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::int32_t day_of(Timestamp time) {
  const std::int64_t day = time.ns / kDay;
  return static_cast<std::int32_t>(time.ns % kDay < 0 ? day - 1 : day);
}

void append_rfc3339(std::string& out, Timestamp time) {
  const std::int64_t day = day_of(time);
  // day * kDay alone can lie before the first representable nanosecond.
  const auto in_day = static_cast<std::uint64_t>(time.ns) - static_cast<std::uint64_t>(day) * static_cast<std::uint64_t>(kDay);
  const CivilDate date = civil_from_days(day);
  const auto second = static_cast<std::uint32_t>(in_day / kSecond);
  auto fraction = static_cast<std::uint32_t>(in_day % kSecond);

  std::array<char, 30> text;
  put_digits(&text[0], static_cast<std::uint32_t>(date.year), 4);
  text[4] = '-';
  put_digits(&text[5], date.month, 2);
  text[7] = '-';
  put_digits(&text[8], date.day, 2);
  text[10] = 'T';
  put_digits(&text[11], second / 3600, 2);
  text[13] = ':';
  put_digits(&text[14], second / 60 % 60, 2);
  text[16] = ':';
  put_digits(&text[17], second % 60, 2);
  std::size_t size = 19;
  if (fraction != 0) {
    std::size_t digits = 9;
    while (fraction % 1000 == 0) {
      fraction /= 1000;
      digits -= 3;
    }
    text[19] = '.';
    put_digits(&text[20], fraction, digits);
    size = 20 + digits;
  }
  text[size++] = 'Z';
  out.append(text.data(), size);
}

std::string format_rfc3339(Timestamp time) {
  std::string out;
  append_rfc3339(out, time);
  return out;
}

}  // namespace penstock
