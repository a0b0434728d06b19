#include "query/known_deletions.hpp"

#include <utility>

#include "base/log.hpp"
#include "query/chunk_walk.hpp"
#include "query/deletion_file.hpp"

namespace penstock::query {

namespace {

bool is_same(const Deletion& a, const Deletion& b) {
  return a.id == b.id && a.deployment == b.deployment && a.from == b.from && a.to == b.to && a.filter_json == b.filter_json &&
         a.journal == b.journal && a.before == b.before && a.created_at == b.created_at;
}

}  // namespace

KnownDeletions::KnownDeletions(std::shared_ptr<QueryMemory> memory) : memory_(std::move(memory)), lease_(*memory_->of_deletions.take(0)) {}

void KnownDeletions::keep_in(FileSystem& files, Sealer& sealer, std::string path) {
  const std::lock_guard file_lock(file_mutex_);
  files_ = &files;
  sealer_ = &sealer;
  path_ = std::move(path);
  const std::string aside = path_ + ".damaged";
  if (files.exists(aside)) put_aside_ = aside;
  const auto kept = read_deletions(files, path_, sealer);
  if (!kept) {
    log::error("query", "the known deletions cannot be read: until the store is there, journal-only answers may show what was deleted",
               {{"file", path_}, {"error", kept.error().message}});
    (void)files.rename(path_, aside);
    put_aside_ = aside;
    return;
  }
  const std::lock_guard lock(mutex_);
  for (const Deletion& deletion : *kept) by_id_.insert_or_assign(deletion.id, Known{deletion});
}

void KnownDeletions::supersede(const Deletion& whole) {
  const std::lock_guard lock(mutex_);
  for (auto& [id, known] : by_id_) {
    if (known.deletion.deployment == whole.deployment && id <= whole.id) drop(known);
  }
  std::erase_if(by_id_, [&whole](const auto& entry) { return entry.second.deletion.deployment == whole.deployment && entry.first <= whole.id; });
  by_id_.emplace(whole.id, Known{whole});
  changed_ = true;
}

void KnownDeletions::save() {
  const std::lock_guard file_lock(file_mutex_);
  std::vector<Deletion> all;
  {
    const std::lock_guard lock(mutex_);
    if (files_ == nullptr || !std::exchange(changed_, false)) return;
    for (const auto& [id, known] : by_id_) all.push_back(known.deletion);
  }
  if (auto written = write_deletions(*files_, path_, *sealer_, all); !written) {
    log::warn("query", "the known deletions cannot be written", {{"file", path_}, {"error", written.error().message}});
    const std::lock_guard lock(mutex_);
    changed_ = true;
  }
}

Result<DeletionFilter> KnownDeletions::add(const Deletion& deletion, ByteBudget::Lease& asker) {
  {
    std::lock_guard lock(mutex_);
    const auto found = by_id_.find(deletion.id);
    if (found != by_id_.end() && found->second.filter && is_same(found->second.deletion, deletion)) return *found->second.filter;
  }
  auto filter = DeletionFilter::compile(deletion);
  if (!filter) return filter;
  const std::size_t bytes = filter->matcher().memory_bytes();
  std::lock_guard lock(mutex_);
  Known& known = by_id_[deletion.id];
  if (!is_same(known.deletion, deletion)) {
    drop(known);
    known.deletion = deletion;
    changed_ = true;
  }
  if (!known.filter && lease_.grow(bytes)) known.filter = *filter;
  if (!known.filter && !asker.grow(bytes)) return memory_error();
  if (by_id_.size() > kMax) {
    drop(by_id_.begin()->second);
    by_id_.erase(by_id_.begin());
  }
  return filter;
}

// Under the mutex.
void KnownDeletions::drop(Known& known) {
  if (!known.filter) return;
  lease_.shrink(known.filter->matcher().memory_bytes());
  known.filter.reset();
}

Result<std::vector<DeletionFilter>> KnownDeletions::of(const Deployments& deployments, ByteBudget::Lease& asker) {
  std::vector<Deletion> wanted;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [id, known] : by_id_) {
      if (deployments.contains(known.deletion.deployment)) wanted.push_back(known.deletion);
    }
  }
  std::vector<DeletionFilter> found;
  for (const Deletion& deletion : wanted) {
    auto filter = add(deletion, asker);
    if (!filter) return filter.error();
    found.push_back(std::move(*filter));
  }
  return found;
}

}  // namespace penstock::query
