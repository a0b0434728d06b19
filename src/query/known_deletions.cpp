#include "query/known_deletions.hpp"

#include <utility>

#include "base/log.hpp"
#include "query/deletion_file.hpp"

namespace penstock::query {

namespace {

bool is_same(const Deletion& a, const Deletion& b) {
  return a.id == b.id && a.deployment == b.deployment && a.from == b.from && a.to == b.to && a.filter_json == b.filter_json &&
         a.journal == b.journal && a.before == b.before && a.created_at == b.created_at;
}

}  // namespace

void KnownDeletions::keep_in(FileSystem& files, Sealer& sealer, std::string path) {
  const std::lock_guard file_lock(file_mutex_);
  files_ = &files;
  sealer_ = &sealer;
  path_ = std::move(path);
  const auto kept = read_deletions(files, path_, sealer);
  if (!kept) {
    log::error("query", "the known deletions cannot be read: until the store is there, journal-only answers may show what was deleted",
               {{"file", path_}, {"error", kept.error().message}});
    (void)files.rename(path_, path_ + ".damaged");
    return;
  }
  for (const Deletion& deletion : *kept) (void)add(deletion);
  const std::lock_guard lock(mutex_);
  changed_ = false;
}

void KnownDeletions::save() {
  const std::lock_guard file_lock(file_mutex_);
  std::vector<Deletion> all;
  {
    const std::lock_guard lock(mutex_);
    if (files_ == nullptr || !std::exchange(changed_, false)) return;
    for (const auto& [id, filter] : by_id_) all.push_back(filter.deletion());
  }
  if (auto written = write_deletions(*files_, path_, *sealer_, all); !written) {
    log::warn("query", "the known deletions cannot be written", {{"file", path_}, {"error", written.error().message}});
    const std::lock_guard lock(mutex_);
    changed_ = true;
  }
}

Result<DeletionFilter> KnownDeletions::add(const Deletion& deletion) {
  {
    std::lock_guard lock(mutex_);
    const auto found = by_id_.find(deletion.id);
    if (found != by_id_.end() && is_same(found->second.deletion(), deletion)) return found->second;
  }
  auto filter = DeletionFilter::compile(deletion);
  if (!filter) return filter;
  std::lock_guard lock(mutex_);
  by_id_.insert_or_assign(deletion.id, *filter);
  changed_ = true;
  if (by_id_.size() > kMax) by_id_.erase(by_id_.begin());
  return filter;
}

std::vector<DeletionFilter> KnownDeletions::of(const Deployments& deployments) const {
  std::lock_guard lock(mutex_);
  std::vector<DeletionFilter> found;
  for (const auto& [id, filter] : by_id_) {
    if (deployments.contains(filter.deletion().deployment)) found.push_back(filter);
  }
  return found;
}

}  // namespace penstock::query
