#include "agent/rotation.hpp"

#include <algorithm>

namespace penstock::agent {
namespace {

constexpr std::string_view kSeparators = ".-_~";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "app-2026-11-28T10-00-00.000.log" → "app.log".
std::optional<std::string> without_date(std::string_view name) {
  constexpr std::size_t kLeastDigits = 6;
  for (std::size_t from = name.find_first_of(kSeparators); from != std::string_view::npos; from = name.find_first_of(kSeparators, from + 1)) {
    if (from + 1 >= name.size() || !is_digit(name[from + 1])) continue;
    std::size_t end = from, digits = 0;
    for (std::size_t at = from + 1; at < name.size(); ++at) {
      if (is_digit(name[at])) {
        ++digits;
        end = at + 1;
      } else if (kSeparators.find(name[at]) == std::string_view::npos && !(name[at] == 'T' || name[at] == 'Z' || name[at] == ':')) {
        break;
      }
    }
    if (end < name.size() && name[end] == 'Z') ++end;
    if (from > 0 && digits >= kLeastDigits && end < name.size() && name[end] == '.') return std::string(name.substr(0, from)) + std::string(name.substr(end));
  }
  return std::nullopt;
}

}  // namespace

std::pair<std::string, std::string> split_name(const std::string& path) {
  const std::size_t slash = path.rfind('/') + 1;  // 0 when there is none
  return {path.substr(0, slash), path.substr(slash)};
}

std::vector<std::string> earlier_names(std::string_view name) {
  std::vector<std::string> names;
  if (auto dateless = without_date(name)) names.push_back(std::move(*dateless));
  for (std::size_t at = name.find_last_of(kSeparators); at != std::string_view::npos && at > 0; at = name.find_last_of(kSeparators, at - 1)) {
    names.emplace_back(name.substr(0, at));
  }
  return names;
}

bool is_rotated_name(std::string_view name, std::string_view earlier) {
  const std::vector<std::string> names = earlier_names(name);
  if (std::find(names.begin(), names.end(), earlier) == names.end()) return false;
  if (!name.starts_with(earlier)) return true;  // a date was left out
  const std::string_view added = name.substr(earlier.size());
  static constexpr std::string_view kWords[] = {".old", ".bak", ".prev", ".save", "~", "_old", "-old"};
  return std::any_of(added.begin(), added.end(), is_digit) || std::find(std::begin(kWords), std::end(kWords), added) != std::end(kWords);
}

const char* packed_with(std::string_view first_bytes) {
  using namespace std::string_view_literals;
  struct Packer {
    std::string_view magic;
    const char* name;
  };
  static constexpr Packer kPackers[] = {{"\x1f\x8b"sv, "gzip"},     {"\x28\xb5\x2f\xfd"sv, "zstd"}, {"\xfd\x37zXZ\0"sv, "xz"},   {"BZh"sv, "bzip2"},
                                        {"\x04\x22\x4d\x18"sv, "lz4"}, {"PK\x03\x04"sv, "zip"},       {"\x1f\x9d"sv, "compress"}, {"LZIP"sv, "lzip"}};
  for (const Packer& packer : kPackers) {
    if (!first_bytes.starts_with(packer.magic)) continue;
    // "BZh" alone could be text: the block's mark follows the level.
    if (packer.magic == "BZh"sv && first_bytes.substr(std::min<std::size_t>(first_bytes.size(), 4)).substr(0, 6) != "1AY&SY"sv) continue;
    return packer.name;
  }
  return nullptr;
}

Copy is_copy(const Descriptor& file, std::uint64_t size, const TailPlace& read) {
  if (read.offset == 0 || read.head_bytes == 0 || read.tail_bytes == 0) return Copy::no;
  if (size < read.head_bytes) return Copy::part;
  if (!read.head_fits(file)) return Copy::no;
  if (size < read.offset) return Copy::part;
  return read.tail_fits(file) ? Copy::whole : Copy::no;
}

}  // namespace penstock::agent
