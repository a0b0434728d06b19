// Of several entries with one name, the last stays.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace penstock::decode {

// Keeps the order. A few entries are compared each with each, many are sorted by name in `order`.
template <class View>
void keep_last_of_equal_names(std::vector<View>& views, std::vector<std::uint32_t>& order) {
  constexpr std::size_t kFew = 16;
  const std::size_t count = views.size();
  if (count <= kFew) {
    for (std::size_t i = count; i-- > 1;) {
      for (std::size_t j = i; j-- > 0;) {
        if (views[j].name.size() != views[i].name.size() || views[j].name != views[i].name) continue;
        views.erase(views.begin() + static_cast<std::ptrdiff_t>(j));
        --i;
      }
    }
    return;
  }
  order.resize(count);
  for (std::uint32_t i = 0; i < count; ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const int compared = views[a].name.compare(views[b].name);
    return compared != 0 ? compared < 0 : a < b;
  });
  std::size_t doomed = 0;
  for (std::size_t i = 0; i + 1 < count; ++i) {
    if (views[order[i]].name == views[order[i + 1]].name) order[doomed++] = order[i];
  }
  if (doomed == 0) return;
  std::sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(doomed));
  std::size_t to = 0;
  std::size_t next = 0;
  for (std::size_t from = 0; from < count; ++from) {
    if (next < doomed && order[next] == from) {
      ++next;
    } else {
      views[to++] = views[from];
    }
  }
  views.resize(to);
}

}  // namespace penstock::decode
