#include "query/series_set.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "query/chunk_walk.hpp"

namespace penstock::query {

std::size_t memory_bytes(const Series& series) {
  std::size_t size = sizeof(Series) + series.deployment.capacity() + series.name.capacity() + 64;
  for (const auto& [name, value] : series.labels.pairs) size += sizeof(name) * 2 + name.capacity() + value.capacity();
  return size;
}

SeriesSet::SeriesSet(MetricDeployments deployments, std::vector<std::string> names, LabelFilters labels, QueryRun& run)
    : deployments_(std::move(deployments)), names_(std::move(names)), labels_(std::move(labels)), run_(run) {}

Error too_many_series(std::size_t most) {
  return Error{ErrorCode::invalid_request,
               "More than " + std::to_string(most) + " series have samples there (query.max_series): name a metric, a deployment or a label, "
               "or take a shorter range.",
               "name"};
}

bool SeriesSet::asks_for(std::string_view name) const {
  return names_.empty() || std::find(names_.begin(), names_.end(), name) != names_.end();
}

Result<std::size_t> SeriesSet::add(Series series) {
  const auto found = by_id_.find(series.id);
  if (found != by_id_.end()) return found->second;
  if (!run_.lease.grow(memory_bytes(series))) return memory_error();
  by_id_.emplace(series.id, series_.size());
  series_.push_back(std::move(series));
  return series_.size() - 1;
}

Result<void> SeriesSet::load(StoreSnapshot& snapshot, Timestamp from, Timestamp to) {
  const std::vector<std::string> any{""};
  for (const auto& name : names_.empty() ? any : names_) {
    Result<void> failed;
    auto visited = snapshot.series({deployments_.names, name, labels_, from, to}, [&](const Series& series) {
      if (auto ok = run_.check(); !ok) {
        failed = std::move(ok).error();
      } else if (!deployments_.covers_series(series.deployment, series.labels.get("source"), series.name)) {
        return true;
      } else if (auto added = add(series); !added) {
        failed = std::move(added).error();
      }
      return failed.has_value();
    });
    if (!failed) return failed;
    if (!visited) return visited;
  }
  return {};
}

bool SeriesSet::begin(const PointView& point) {
  point_ = &point;
  key_prefix_ = 0;
  if (!deployments_.contains(point.deployment)) return false;
  return std::all_of(labels_.begin(), labels_.end(), [&](const auto& wanted) {
    if (wanted.first == "source") return wanted.second == point.source;
    const auto found =
        std::find_if(point.labels.begin(), point.labels.end(),
                     [&](const LabelView& l) { return l.name == wanted.first; });
    return found != point.labels.end() && found->value == wanted.second;
  });
}

Result<std::size_t> SeriesSet::find(std::string_view name) {
  if (!asks_for(name)) return kNone;
  if (key_prefix_ == 0) {
    key_.clear();
    append_sized(key_, point_->deployment);
    append_sized(key_, point_->source);
    append_varint(key_, point_->labels.size());
    for (const auto& label : point_->labels) {
      append_sized(key_, label.name);
      append_sized(key_, label.value);
    }
    key_prefix_ = key_.size();
  }
  key_.resize(key_prefix_);
  key_ += name;
  const auto known = by_key_.find(key_);
  if (known != by_key_.end()) return known->second;
  if (!deployments_.covers_series(point_->deployment, point_->source, name)) return kNone;
  Series series;
  series.deployment = point_->deployment;
  series.name = name;
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& label : point_->labels) pairs.emplace_back(label.name, label.value);
  pairs.emplace_back("source", point_->source);
  series.labels = Labels::from(std::move(pairs));
  series.id = series_id(series.deployment, series.name, series.labels);
  if (!run_.lease.grow(key_.size() + 96)) return memory_error();
  auto at = add(std::move(series));
  if (at) by_key_.emplace(key_, *at);
  return at;
}

std::size_t SeriesSet::find(SeriesId id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? kNone : found->second;
}

std::vector<SeriesId> SeriesSet::ids(SeriesId low, SeriesId high) const {
  if (sorted_.size() != series_.size()) {
    sorted_.clear();
    for (const auto& series : series_) sorted_.push_back(series.id);
    std::sort(sorted_.begin(), sorted_.end());
  }
  const auto begin = std::lower_bound(sorted_.begin(), sorted_.end(), low);
  return {begin, std::upper_bound(begin, sorted_.end(), high)};
}

}  // namespace penstock::query
