#include "sinks/delivery_mark.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace penstock::sinks {
namespace {

// The writer of a folder that an earlier build left: it may have been anybody.
constexpr Sequence kAnybody = UINT64_MAX;

std::optional<journal::CursorFile> open_mark(FileSystem& files, const std::string& path, JournalId journal, Sequence initial) {
  auto file = journal::CursorFile::open(files, path, journal, initial);
  if (file) return std::move(file).value();
  log::warn("sinks", "how far this folder has delivered cannot be kept in it", {{"file", path}, {"reason", file.error().message}});
  return std::nullopt;
}

}  // namespace

DeliveryMark::DeliveryMark(FileSystem& files, const std::string& directory, const std::string& sink, const Journal& journal)
    : opened_at_(journal.durable_end()),
      end_(open_mark(files, directory + "/delivered-" + sink, journal.id(), opened_at_)),
      writer_(open_mark(files, directory + "/writer-" + sink, journal.id(), opened_at_ == 1 ? 0 : kAnybody)),
      unmet_(open_mark(files, directory + "/unmet-" + sink, journal.id(), 0)) {
  if (!unmet_) return;
  if (unmet_->position() == 0) {
    if (auto kept = unmet_->store(opened_at_); !kept) log::warn("sinks", "a start cannot be noted", {{"reason", kept.error().message}});
  } else {
    opened_at_ = std::min(opened_at_, unmet_->position());
  }
}

Sequence DeliveryMark::known_end(const DestinationWriters& writers) const {
  if (!end_ || !writer_ || writer_->position() == kAnybody) return opened_at_;
  const auto ours = static_cast<std::int64_t>(writer_->position());
  if (writers.before == ours || writers.before == 0) return opened_at_;
  return std::min(end_->position(), opened_at_);
}

// The end first: one that is ahead of its writer is right all the same.
void DeliveryMark::note(std::int64_t writer, Sequence end) {
  Result<void> done;
  if (end_ && end_->position() != end) done = end_->store(end);
  const auto wanted = static_cast<Sequence>(writer);
  if (done && writer_ && writer_->position() != wanted) done = writer_->store(wanted);
  if (done && unmet_ && unmet_->position() != 0) done = unmet_->store(0);
  if (!done && !told_) {
    log::warn("sinks", "how far this folder has delivered cannot be kept in it", {{"reason", done.error().message}});
  }
  told_ = !done;
}

}  // namespace penstock::sinks
