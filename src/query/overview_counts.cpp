#include "query/overview_counts.hpp"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "query/chunk_walk.hpp"

namespace penstock::query {
namespace {

constexpr std::size_t kCountsBytes = sizeof(Overview::Counts) + 96;  // in a map's node, beside the name

void count_one(Overview::Counts& counts, std::size_t severity, std::int64_t time) {
  const bool first = counts.total() == 0;
  ++counts.by_severity[std::min(severity, kSeverityCount - 1)];
  if (first || time > counts.last.ns) counts.last = Timestamp{time};
}

void add_counts(Overview::Counts& to, const Overview::Counts& more) {
  if (more.total() == 0) return;
  to.last = to.total() == 0 ? more.last : std::max(to.last, more.last);
  for (std::size_t s = 0; s < kSeverityCount; ++s) to.by_severity[s] += more.by_severity[s];
}

}  // namespace

std::uint64_t Overview::Counts::total() const {
  std::uint64_t sum = 0;
  for (const auto count : by_severity) sum += count;
  return sum;
}

std::uint64_t Overview::Counts::errors() const {
  std::uint64_t sum = 0;
  for (auto s = static_cast<std::size_t>(Severity::error); s < kSeverityCount; ++s) sum += by_severity[s];
  return sum;
}

OverviewCounts::OverviewCounts(const StepGrid& grid, std::size_t max_sources, ByteBudget::Lease& lease)
    : histogram_(grid), max_sources_(max_sources), lease_(lease) {}

void OverviewCounts::add_columns(chunk::ColumnSelection& columns) const {
  columns.severities = true;
  columns.sources = true;
}

Result<OverviewCounts::Deployment*> OverviewCounts::deployment(std::string_view name) {
  const auto found = deployments_.find(name);
  if (found != deployments_.end()) return &found->second;
  if (!lease_.grow(kCountsBytes + 2 * name.size())) return memory_error();
  return &deployments_.emplace(std::string(name), Deployment{}).first->second;
}

Result<Overview::Counts*> OverviewCounts::source(Deployment& of, std::string_view name) {
  const auto found = of.sources.find(name);
  if (found != of.sources.end()) return &found->second;
  if (sources_ >= max_sources_) {
    approximate_ = true;
    return nullptr;
  }
  if (!lease_.grow(kCountsBytes + 2 * name.size())) return memory_error();
  ++sources_;
  return &of.sources.emplace(std::string(name), Overview::Counts{}).first->second;
}

Result<void> OverviewCounts::group(const chunk::LogChunkReader& reader, chunk::LogGroup& group, const RowMask& rows) {
  if (auto ok = histogram_.group(reader, group, rows); !ok) return ok;
  auto into = deployment(reader.meta().deployment);
  if (!into) return std::move(into).error();
  const auto times = group.timestamps();
  const auto severities = group.severities();
  const auto& sources = group.sources();
  // Most groups have a dictionary of sources: counted by entry, each name is looked up once.
  std::vector<Overview::Counts> entries(sources.is_dictionary() ? sources.entry_count() : 0);
  Result<void> result;
  rows.each([&](std::size_t row) {
    if (!result) return;
    if (!entries.empty()) return count_one(entries[sources.index(row)], severities[row], times[row]);
    count_one((*into)->counts, severities[row], times[row]);
    auto found = source(**into, sources[row]);
    if (!found) {
      result = std::move(found).error();
    } else if (*found != nullptr) {
      count_one(**found, severities[row], times[row]);
    }
  });
  for (std::size_t e = 0; e < entries.size() && result; ++e) {
    if (entries[e].total() == 0) continue;
    add_counts((*into)->counts, entries[e]);
    auto found = source(**into, sources.entry(e));
    if (!found) return std::move(found).error();
    if (*found != nullptr) add_counts(**found, entries[e]);
  }
  return result;
}

Result<void> OverviewCounts::record(RecordId id, const LogView& log) {
  if (auto ok = histogram_.record(id, log); !ok) return ok;
  auto into = deployment(log.deployment);
  if (!into) return std::move(into).error();
  const auto severity = static_cast<std::size_t>(log.severity);
  count_one((*into)->counts, severity, log.timestamp.ns);
  auto found = source(**into, log.source);
  if (!found) return std::move(found).error();
  if (*found != nullptr) count_one(**found, severity, log.timestamp.ns);
  return {};
}

void OverviewCounts::take(Overview& into, std::size_t limit) {
  into.buckets = histogram_.take();
  into.sources_total = sources_;
  into.approximate = approximate_;
  for (auto& [name, deployment] : deployments_) {
    into.deployments.push_back({name, deployment.counts, deployment.sources.size()});
    for (auto& [source, counts] : deployment.sources) into.sources.push_back({name, source, counts});
  }
  std::sort(into.sources.begin(), into.sources.end(), [](const Overview::Source& a, const Overview::Source& b) {
    const auto left = std::tuple(b.counts.errors(), b.counts.total()), right = std::tuple(a.counts.errors(), a.counts.total());
    if (left != right) return left < right;
    return std::tie(a.deployment, a.source) < std::tie(b.deployment, b.source);
  });
  if (into.sources.size() > limit) into.sources.resize(limit);
}

}  // namespace penstock::query
