#include "penstock/core/labels.hpp"

#include <algorithm>

#include "base/bytes.hpp"
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
  static thread_local std::string buffer;
  buffer.clear();
  append_sized(buffer, deployment);
  append_sized(buffer, name);
  for (const auto& [label, value] : labels.pairs) {
    append_sized(buffer, label);
    append_sized(buffer, value);
  }
  return XXH3_64bits(buffer.data(), buffer.size());
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
