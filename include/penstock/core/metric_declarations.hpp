// Custom metrics: what an administrator has declared of metrics, by name or pattern. Reading declared ones needs a right of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "penstock/core/result.hpp"

namespace penstock {

struct MetricDeclaration {
  std::int64_t id = 0;
  std::string deployment = "*";  // "*": of every deployment, those to come included
  std::string name;              // or a pattern (name_pattern.hpp)
  std::string unit = {}, description = {};
  std::optional<double> least = {}, most = {};  // what a sample may be, the bounds included; finite

  bool takes(double value) const { return !(least && value < *least) && !(most && value > *most); }
  friend bool operator==(const MetricDeclaration&, const MetricDeclaration&) = default;
};

// invalid_request that names the field: no deployment, no name or pattern of 1 to 200 bytes, a long unit or description, a range that is none.
Result<void> check(const MetricDeclaration& declaration);

// What a pattern begins with before it leaves anything open: what declarations are looked up by.
std::string literal_beginning(std::string_view pattern);
// So many patterns of one deployment may begin with the same text: that bounds what looking up a name costs.
inline constexpr std::size_t kMostPatternsAlike = 64;

// All declarations of one moment, ready to be asked for every series. Immutable, thread-safe.
//
// Of several that fit a name one counts: the deployment's own before those of all deployments; a name before a pattern; of patterns the one with more
// characters that stand for themselves; of equals the first in the order of bytes.
class MetricDeclarations {
 public:
  // By deployment, or "*" for all that say nothing of their own: whether metrics that are not declared are refused.
  using Refusals = std::map<std::string, bool, std::less<>>;

  // null when nothing is declared and nothing refused, so that there is nothing to ask.
  static std::shared_ptr<const MetricDeclarations> make(std::vector<MetricDeclaration> list, Refusals refusals);

  // The one that counts; null: the metric is not declared, which is to say a plain one. Without allocation.
  const MetricDeclaration* find(std::string_view deployment, std::string_view name) const;
  bool refuses_undeclared(std::string_view deployment) const;
  bool declares_any() const { return !list_.empty(); }

  friend bool operator==(const MetricDeclarations& a, const MetricDeclarations& b) { return a.list_ == b.list_ && a.refusals_ == b.refusals_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  template <class Value>
  using ByText = std::unordered_map<std::string, Value, Hash, std::equal_to<>>;
  struct OfDeployment {
    ByText<std::size_t> names;                   // places in list_
    ByText<std::vector<std::size_t>> beginnings; // patterns, the one that counts first
    std::vector<std::size_t> lengths;            // of the beginnings, each once, ascending
  };

  MetricDeclarations(std::vector<MetricDeclaration> list, Refusals refusals);
  const MetricDeclaration* find_in(const OfDeployment& of, std::string_view name) const;
  // Whether one pattern counts before another.
  bool before(std::size_t a, std::size_t b) const;

  const std::vector<MetricDeclaration> list_;
  const Refusals refusals_;
  std::vector<std::size_t> weights_;  // characters of each that stand for themselves
  ByText<OfDeployment> of_;
};

}  // namespace penstock
