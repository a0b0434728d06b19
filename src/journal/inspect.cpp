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
  Inspection(FileSystem& files, std::string directory, Sealer* sealer)
      : files_(files), directory_(std::move(directory)), sealer_(sealer) {}

  Result<JournalReport> run() {
    auto listed = files_.list(directory_);
    if (!listed) return std::move(listed).error();
    std::vector<SegmentName> names;
    for (const std::string& file : *listed) {
      if (const auto name = parse_segment_file_name(file)) names.push_back(*name);
    }
    std::sort(names.begin(), names.end());
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto end = i + 1 < names.size() ? std::optional(names[i + 1].first) : std::nullopt;
      auto done = segment(names[i], end);
      if (!done) return std::move(done).error();
    }
    return std::move(report_);
  }

 private:
  Result<void> segment(SegmentName name, std::optional<Sequence> end) {
    SegmentReport report;
    report.name = name;
    report.file = directory_ + "/" + segment_file_name(name);
    auto file = files_.open_read(report.file);
    if (!file) return std::move(file).error();
    const auto size = (*file)->size();
    if (!size) return size.error();
    report.bytes = *size;
    std::string head(kSegmentHeaderBytes, '\0');
    const auto got = (*file)->read_at(0, std::as_writable_bytes(std::span(head)));
    report.header_ok = got && decode_segment_header(head).has_value();

    SegmentWalker walker(**file, name.id);
    walker.tolerate_unreadable();
    Sequence position = name.first;
    for (;;) {
      auto step = walker.next(report.bytes);
      if (!step) return std::move(step).error();
      if (!step->found || (end && step->header.first >= *end && step->header.count != 0)) {
        if (end && position < *end) report.damaged_bytes += step->damaged_bytes;
        break;
      }
      report.damaged_bytes += step->damaged_bytes;
      if (step->header.first > position) lose(position, step->header.first);
      auto good = verify({name.id, step->offset}, *step, walker);
      if (!good) return std::move(good).error();
      const bool torn = !*good && !end && is_last(**file, name, walker.offset(), report.bytes);
      if (torn) break;
      if (*good) {
        count(report, step->header);
      } else {
        report.damaged_bytes += frame_bytes(step->header.payload_bytes);
        lose(step->header.first, step->header.next());
      }
      position = std::max(position, step->header.next());
    }
    if (end && position < *end) lose(position, *end);
    report.end = end.value_or(position);
    report_.segments.push_back(std::move(report));
    return {};
  }

  static bool is_last(const File& file, SegmentName name, std::uint64_t offset, std::uint64_t limit) {
    SegmentWalker rest(file, name.id, offset);
    rest.tolerate_unreadable();
    const auto step = rest.next(limit);
    return step && !step->found;
  }

  Result<bool> verify(FramePlace place, const SegmentWalker::Step& step, const SegmentWalker& walker) {
    auto payload = walker.payload(step);
    if (!payload) return std::move(payload).error();
    if (sealer_ == nullptr) return payload_matches(place, step.header, *payload);
    auto plain = open_payload(*sealer_, place, step.header, *payload);
    if (!plain && plain.error().code != ErrorCode::corrupt) return std::move(plain).error();
    return plain.has_value();
  }

  void count(SegmentReport& report, const FrameHeader& header) {
    if (header.count == 0) return;
    if (report.frames == 0) report.first_commit = header.committed_at;
    report.last_commit = header.committed_at;
    ++report.frames;
    ++report_.frames;
    report.records += header.count;
    report_.records += header.count;
  }

  void lose(Sequence from, Sequence to) { report_.lost_records += to - from; }

  FileSystem& files_;
  const std::string directory_;
  Sealer* const sealer_;
  JournalReport report_;
};

}  // namespace

Result<JournalReport> inspect(FileSystem& files, const std::string& directory, Sealer* sealer) {
  return Inspection(files, directory, sealer).run();
}

}  // namespace penstock::journal
