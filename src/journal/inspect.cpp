#include "journal/inspect.hpp"

#include <algorithm>
#include <optional>
#include <span>

#include "journal/frame_codec.hpp"
#include "journal/segment_walker.hpp"

namespace penstock::journal {
namespace {

class Inspection {
 public:
  Inspection(FileSystem& files, std::string directory, Sealer* sealer, Depth depth)
      : files_(files), directory_(std::move(directory)), sealer_(sealer), depth_(depth) {}

  Result<JournalReport> run() {
    auto listed = files_.list(directory_);
    if (!listed) return std::move(listed).error();
    std::vector<SegmentName> names;
    for (const std::string& file : *listed) {
      if (const auto name = parse_segment_file_name(file)) names.push_back(*name);
    }
    std::sort(names.begin(), names.end());
    for (std::size_t i = 0; i < names.size(); ++i) {
      auto end = i + 1 < names.size() ? std::optional(names[i + 1].first) : std::nullopt;
      const auto step = end && *end != names[i].first ? step_to(names[i + 1]) : std::nullopt;
      if (step) end = step->stepped_from;
      auto done = segment(names[i], end);
      if (!done) return std::move(done).error();
      if (step) renumber(step->stepped_from - step->renumbered, names[i + 1].first - step->stepped_from);
    }
    return std::move(report_);
  }

 private:
  // The header of a segment that numbering stepped to.
  std::optional<SegmentHeader> step_to(SegmentName name) {
    auto file = files_.open_read(directory_ + "/" + segment_file_name(name));
    if (!file) return std::nullopt;
    std::string head(kSegmentHeaderBytes, '\0');
    const auto got = (*file)->read_at(0, std::as_writable_bytes(std::span(head)));
    const auto header = got ? decode_segment_header(head) : std::nullopt;
    if (!header || header->stepped_from == 0 || header->stepped_from >= name.first || header->renumbered >= header->stepped_from) {
      return std::nullopt;
    }
    return header;
  }

  void renumber(Sequence from, std::uint64_t shift) {
    for (SegmentReport& segment : report_.segments) {
      if (segment.end <= from) continue;
      segment.shift += shift;
      segment.end += shift;
    }
  }

  Result<void> segment(SegmentName name, std::optional<Sequence> end) {
    SegmentReport report;
    report.name = name;
    report.file = directory_ + "/" + segment_file_name(name);
    auto file = files_.open_read(report.file);
    if (!file) {
      if (!files_.exists(report.file)) return {};
      report.end = end.value_or(name.first);
      note(report, 0, 0, name.first, report.end);
      report_.segments.push_back(std::move(report));
      return {};
    }
    const auto size = (*file)->size();
    if (!size) return size.error();
    report.bytes = *size;
    read_header(**file, report);

    SegmentWalker walker(**file, name.id);
    walker.tolerate_unreadable();
    Sequence position = name.first;
    for (;;) {
      const std::uint64_t before = walker.offset();
      auto step = next(walker, report.bytes);
      if (!step) return std::move(step).error();
      const std::uint64_t gap = step->found ? step->offset - before : step->damaged_bytes;
      if (!step->found || (end && step->header.first >= *end && step->header.count != 0)) {
        if (!end) report_.torn_bytes = step->damaged_bytes;
        if (end && position < *end) note(report, before, gap, position, *end);
        position = end.value_or(position);
        break;
      }
      if (step->damaged_bytes != 0 || step->header.first > position) {
        note(report, before, gap, position, std::max(position, step->header.first));
      }
      auto good = verify({name.id, step->offset}, *step, walker);
      if (!good) return std::move(good).error();
      if (!*good) {
        if (!end && is_last(**file, name, walker.offset(), report.bytes)) {
          report_.torn_bytes = frame_bytes(step->header.payload_bytes);
          break;
        }
        // The frame behind it is there, so it is whole by now, also where it was just being written.
        good = verify({name.id, step->offset}, *step, walker);
        if (!good) return std::move(good).error();
      }
      if (*good) {
        count(report, step->header);
      } else {
        note(report, step->offset, frame_bytes(step->header.payload_bytes), step->header.first, step->header.next());
      }
      position = std::max(position, step->header.next());
    }
    report.end = end.value_or(position);
    report_.segments.push_back(std::move(report));
    return {};
  }

  void read_header(const File& file, SegmentReport& report) {
    std::string head(kSegmentHeaderBytes, '\0');
    const auto got = file.read_at(0, std::as_writable_bytes(std::span(head)));
    const auto header = got ? decode_segment_header(head) : std::nullopt;
    report.header_ok = header.has_value();
    if (!header) {
      note(report, 0, kSegmentHeaderBytes, report.name.first, report.name.first);
    } else if (report_.journal.value == 0) {
      report_.journal = header->journal;
    }
  }

  // What looks damaged is looked at twice: a server may have been writing it.
  static Result<SegmentWalker::Step> next(SegmentWalker& walker, std::uint64_t limit) {
    const std::uint64_t before = walker.offset();
    auto step = walker.next(limit);
    if (!step || !step->found || step->damaged_bytes == 0) return step;
    walker.move_to(before);
    return walker.next(limit);
  }

  static bool is_last(const File& file, SegmentName name, std::uint64_t offset, std::uint64_t limit) {
    SegmentWalker rest(file, name.id, offset);
    rest.tolerate_unreadable();
    const auto step = rest.next(limit);
    return step && !step->found;
  }

  Result<bool> verify(FramePlace place, const SegmentWalker::Step& step, const SegmentWalker& walker) {
    if (depth_ == Depth::headers) return true;
    auto payload = walker.payload(step);
    if (!payload) return std::move(payload).error();
    if (sealer_ == nullptr) return payload_matches(place, step.header, *payload);
    auto plain = open_payload(*sealer_, place, step.header, *payload);
    if (!plain && plain.error().code != ErrorCode::corrupt) return std::move(plain).error();
    return plain.has_value();
  }

  void count(SegmentReport& report, const FrameHeader& header) {
    report.closed = (header.flags & kFooter) != 0;
    report_.durable_end = std::max(report_.durable_end, header.durable_end);
    if (header.count == 0) return;
    if (report.frames == 0) {
      report.first_commit = header.committed_at;
      report.min_time = header.min_time;
      report.max_time = header.max_time;
    }
    report.min_time = std::min(report.min_time, header.min_time);
    report.max_time = std::max(report.max_time, header.max_time);
    report.last_commit = header.committed_at;
    ++report.frames;
    ++report_.frames;
    report.records += header.count;
    report_.records += header.count;
  }

  void note(SegmentReport& report, std::uint64_t offset, std::uint64_t bytes, Sequence from, Sequence to) {
    report.damaged_bytes += bytes;
    report_.lost_records += to - from;
    report_.damage.push_back({report.file, offset, bytes, from, to});
  }

  FileSystem& files_;
  const std::string directory_;
  Sealer* const sealer_;
  const Depth depth_;
  JournalReport report_;
};

}  // namespace

Result<JournalReport> inspect(FileSystem& files, const std::string& directory, Sealer* sealer, Depth depth) {
  return Inspection(files, directory, sealer, depth).run();
}

}  // namespace penstock::journal
