#include "agent/tail_place.hpp"

#include <algorithm>
#include <charconv>

#include "base/crc32c.hpp"

namespace penstock::agent {
namespace {

constexpr std::string_view kMore = "+ ";

bool fits(const Descriptor& file, std::uint64_t from, std::uint32_t bytes, std::uint32_t crc, const std::string& path) {
  const Result<std::string> there = read_at(file, from, bytes, path);
  return there && there->size() == bytes && crc32c(*there) == crc;
}

// Numbers with a blank after each, off the front of a line.
template <class Number>
bool take_numbers(std::string_view& line, std::initializer_list<Number*> numbers) {
  for (Number* number : numbers) {
    const auto [after, error] = std::from_chars(line.data(), line.data() + line.size(), *number);
    if (error != std::errc() || after == line.data() + line.size() || *after != ' ') return false;
    line.remove_prefix(static_cast<std::size_t>(after - line.data()) + 1);
  }
  return true;
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

FileId id_of(const struct stat& status) { return {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino)}; }

std::int64_t modified_ns(const struct stat& status) { return std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec; }

bool TailPlace::head_fits(const Descriptor& file) const { return head_bytes == 0 || fits(file, 0, head_bytes, head_crc, path); }

bool TailPlace::tail_fits(const Descriptor& file) const { return tail_bytes == 0 || fits(file, offset - tail_bytes, tail_bytes, tail_crc, path); }

void TailPlace::remember(const Descriptor& file) {
  const auto wanted = static_cast<std::uint32_t>(std::min<std::uint64_t>(offset, kSampleBytes));
  if (wanted == 0) return;
  const Result<std::string> tail = read_at(file, offset - wanted, wanted, path);
  if (!tail || tail->size() < wanted) return;
  tail_bytes = wanted;
  tail_crc = crc32c(*tail);
  if (head_bytes == kSampleBytes || offset <= head_bytes) return;
  const Result<std::string> head = read_at(file, 0, wanted, path);
  if (!head || head->size() < wanted) return;
  head_bytes = wanted;
  head_crc = crc32c(*head);
}

std::string format_places(const std::vector<TailPlace>& places) {
  std::string text;
  const auto add = [&text](auto... numbers) { ((text += std::to_string(numbers), text += ' '), ...); };
  for (const TailPlace& place : places) {
    add(place.device, place.inode, place.offset, place.head_bytes, place.head_crc);
    for (const char c : place.path) text += c == '\n' ? '?' : c;
    text += '\n';
    if (place.tail_bytes == 0 && place.modified_ns == 0) continue;
    text += kMore;
    add(place.tail_bytes, place.tail_crc, place.modified_ns);
    text += '\n';
  }
  return text;
}

std::vector<TailPlace> parse_places(std::string_view text) {
  std::vector<TailPlace> places;
  bool good = false;  // the line before was a place
  while (!text.empty()) {
    std::string_view line = take_line(text);
    if (line.starts_with(kMore)) {
      line.remove_prefix(kMore.size());
      std::int64_t bytes = 0, crc = 0, modified = 0;
      if (good && take_numbers(line, {&bytes, &crc, &modified}) && bytes >= 0 && bytes <= TailPlace::kSampleBytes &&
          static_cast<std::uint64_t>(bytes) <= places.back().offset) {
        places.back().tail_bytes = static_cast<std::uint32_t>(bytes);
        places.back().tail_crc = static_cast<std::uint32_t>(crc);
        places.back().modified_ns = modified;
      }
      continue;
    }
    TailPlace place;
    good = take_numbers(line, {&place.device, &place.inode, &place.offset}) && take_numbers(line, {&place.head_bytes, &place.head_crc}) &&
           !line.empty() && place.head_bytes <= TailPlace::kSampleBytes;
    if (!good) continue;
    place.path = line;
    places.push_back(std::move(place));
  }
  return places;
}

}  // namespace penstock::agent
