// Labels of a metric point, and the identity of a series.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/core/ids.hpp"

namespace penstock {

struct LabelView {
  std::string_view name;
  std::string_view value;
  auto operator<=>(const LabelView&) const = default;
};

// Owning labels, sorted by name, names unique. `source` is a label like any other in a stored series.
struct Labels {
  std::vector<std::pair<std::string, std::string>> pairs;

  // Sorts by name; of equal names the last given wins.
  static Labels from(std::vector<std::pair<std::string, std::string>> pairs);
  // The value of a label, or empty.
  std::string_view get(std::string_view name) const;
  auto operator<=>(const Labels&) const = default;
};

// A series as the catalog keeps it.
struct Series {
  SeriesId id = 0;
  std::string deployment;
  std::string name;  // metric name: "cpu.usage"
  Labels labels;     // with "source"
};

// XXH3 (64 bit, https://xxhash.com) over deployment, name and the sorted labels, each length-prefixed.
SeriesId series_id(std::string_view deployment, std::string_view name, const Labels& labels);

// {"a":"1","b":"2"} with JSON escaping; the form the catalog and answers use.
std::string labels_to_json(const Labels& labels);

}  // namespace penstock
