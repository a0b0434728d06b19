#include "journal/segment_parts.hpp"

#include <limits>

#include "journal/segment_walker.hpp"

namespace penstock::journal {
namespace {

std::vector<SegmentPart> of_any_time(const SegmentView& segment) {
  return {{segment.first, kSegmentHeaderBytes, Timestamp{std::numeric_limits<std::int64_t>::min()},
           Timestamp{std::numeric_limits<std::int64_t>::max()}}};
}

}  // namespace

std::vector<SegmentPart> measure_parts(FileSystem& files, const SegmentView& segment, std::uint64_t part_bytes) {
  const auto file = files.open_read(segment.path);
  if (!file) return of_any_time(segment);
  SegmentWalker walker(**file, segment.name.id);
  std::vector<SegmentPart> parts;
  for (;;) {
    const auto step = walker.next(segment.end_offset);
    if (!step) return of_any_time(segment);
    if (!step->found || step->header.first + segment.shift >= segment.end) break;
    if (step->header.count > 0) add_frame(parts, step->header, step->offset, part_bytes);
  }
  for (SegmentPart& part : parts) part.first += segment.shift;
  return parts.empty() ? of_any_time(segment) : parts;
}

}  // namespace penstock::journal
