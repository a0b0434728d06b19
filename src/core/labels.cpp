#include "penstock/core/labels.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include "base/bytes.hpp"
#include "base/short_bytes.hpp"
#include "core/xxhash_inline.hpp"
#include "penstock/core/record.hpp"

namespace penstock {

Labels Labels::from(std::vector<std::pair<std::string, std::string>> given) {
  std::stable_sort(given.begin(), given.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::pair<std::string, std::string>> unique;
  unique.reserve(given.size());
  for (auto& pair : given) {
    if (!unique.empty() && unique.back().first == pair.first) {
      unique.back().second = std::move(pair.second);
    } else {
      unique.push_back(std::move(pair));
    }
  }
  return {std::move(unique)};
}

std::string_view Labels::get(std::string_view name) const {
  const auto found =
      std::lower_bound(pairs.begin(), pairs.end(), name, [](const auto& pair, std::string_view wanted) { return pair.first < wanted; });
  return found != pairs.end() && found->first == name ? std::string_view(found->second) : std::string_view();
}

SeriesId series_id(std::string_view deployment, std::string_view name, const Labels& labels) {
  std::size_t room = deployment.size() + name.size() + 2 * kMaxVarintBytes;
  for (const auto& [label, value] : labels.pairs) room += label.size() + value.size() + 2 * kMaxVarintBytes;
  std::array<char, 512> usual;
  std::unique_ptr<char[]> large;
  char* const begin = room <= usual.size() ? usual.data() : (large = std::make_unique_for_overwrite<char[]>(room)).get();
  const auto put = [](char* out, std::string_view text) { return put_bytes(write_varint(out, text.size()), text); };
  char* end = put(put(begin, deployment), name);
  for (const auto& [label, value] : labels.pairs) end = put(put(end, label), value);
  return XXH3_64bits(begin, static_cast<std::size_t>(end - begin));
}

std::string labels_to_json(const Labels& labels) {
  std::string out = "{";
  for (const auto& [name, value] : labels.pairs) {
    if (out.size() > 1) out += ',';
    append_json_string(out, name);
    out += ':';
    append_json_string(out, value);
  }
  out += '}';
  return out;
}

}  // namespace penstock
