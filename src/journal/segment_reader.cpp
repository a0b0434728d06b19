#include "journal/segment_reader.hpp"

#include <algorithm>

namespace penstock::journal {
SegmentReader::SegmentReader(std::unique_ptr<File> file, SegmentName name, Sealer& sealer, OnLost on_lost)
    : file_(std::move(file)), name_(name), sealer_(sealer), on_lost_(std::move(on_lost)), walker_(*file_, name.id) {}

void SegmentReader::lose(std::uint64_t from_offset, std::uint64_t to_offset, Sequence& position, Sequence to) {
  on_lost_({name_.id, from_offset, to_offset - from_offset}, file_.get(), position, to);
  position = to;
}

Error SegmentReader::failed(Error error, std::uint64_t back_to) {
  walker_.move_to(back_to);
  if (error.code == ErrorCode::io_error && ++failures_ >= kPatience) walker_.tolerate_unreadable();
  return error;
}

Result<std::optional<SegmentReader::Content>> SegmentReader::next(Sequence& position, std::uint64_t end_offset, Sequence end) {
  while (position < end) {
    const std::uint64_t before = walker_.offset();
    auto step = walker_.next(end_offset);
    if (!step) return failed(std::move(step).error(), before);
    // A frame from `end` on was written but never acknowledged, and its sequences were given to others.
    if (!step->found || step->header.first >= end) {
      lose(before, step->found ? step->offset : before + step->damaged_bytes, position, end);
      walker_.move_to(before);
      break;
    }
    if (step->header.first > position) lose(before, step->offset, position, std::min(step->header.first, end));
    if (step->header.next() <= position) continue;

    const FramePlace place{name_.id, step->offset};
    auto payload = walker_.payload(*step);
    if (!payload) return failed(std::move(payload).error(), before);
    auto plain = open_payload(sealer_, place, step->header, *payload);
    if (plain) {
      failures_ = 0;
      position = step->header.next();
      return std::optional<Content>(Content{place, step->header, std::move(plain).value()});
    }
    if (plain.error().code != ErrorCode::corrupt) return failed(std::move(plain).error(), before);
    lose(step->offset, walker_.offset(), position, step->header.next());
  }
  return std::optional<Content>();
}

}  // namespace penstock::journal
