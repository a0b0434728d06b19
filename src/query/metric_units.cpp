#include "query/metric_units.hpp"

#include <array>
#include <utility>

namespace penstock::query {

std::string unit_of(std::string_view name) {
  using Unit = std::pair<std::string_view, std::string_view>;
  static constexpr std::array kUnits = {
      Unit{"ram.used", "bytes"},          Unit{"ram.total", "bytes"},    Unit{"swap.used", "bytes"},
      Unit{"swap.total", "bytes"},        Unit{"storage.used", "bytes"}, Unit{"storage.total", "bytes"},
      Unit{"gpu.memory.used", "bytes"},   Unit{"disk.read", "bytes/s"},
      Unit{"disk.write", "bytes/s"}, Unit{"net.in", "bytes/s"},      Unit{"net.out", "bytes/s"}};
  for (const auto& [known, unit] : kUnits) {
    if (name == known) return std::string(unit);
  }
  static constexpr std::array kEndings = {Unit{".usage", "%"}, Unit{".percent", "%"}, Unit{".celsius", "°C"},
                                          Unit{".bytes", "bytes"}, Unit{".seconds", "s"}};
  for (const auto& [ending, unit] : kEndings) {
    if (name.ends_with(ending)) return std::string(unit);
  }
  return {};
}

}  // namespace penstock::query
