#include "journal/walk.hpp"

#include <algorithm>
#include <utility>

#include "journal/inspect.hpp"
#include "journal/segment_reader.hpp"

namespace penstock::journal {
namespace {

class Walk {
 public:
  Walk(const JournalReport& report, Sealer& sealer, Sequence to, const Visitor& visitor)
      : report_(report), sealer_(sealer), to_(to), visitor_(visitor) {}

  Result<void> segment(FileSystem& files, const SegmentReport& segment, Sequence position) {
    auto file = files.open_read(segment.file);
    if (!file) {
      if (!files.exists(segment.file)) return {};
      return std::move(file).error();
    }
    SegmentReader reader(std::move(file).value(), segment.name, sealer_,
                         [this](const DamageLog::Place&, const File*, Sequence from, Sequence to) { lose(from, to); });
    shift_ = segment.shift;
    position = std::max(position, segment.first()) - shift_;
    const Sequence end = std::min(segment.end, to_) - shift_;
    for (;;) {
      // A damaged byte may fail some reads before it counts as damage.
      auto content = reader.next(position, segment.bytes, end);
      for (int again = 0; !content && content.error().code == ErrorCode::io_error && again < SegmentReader::kPatience; ++again) {
        content = reader.next(position, segment.bytes, end);
      }
      if (!content) return std::move(content).error();
      if (!*content || torn_) return {};
      (*content)->header.first += shift_;
      const auto frame = decode_batches(report_.journal, (*content)->header, (*content)->plain);
      if (!frame) return frame.error();
      const WalkedFrame walked{segment.file, (*content)->place.offset, (*content)->header, **frame};
      if (auto done = visitor_.frame(walked); !done) return done;
    }
  }

 private:
  // What no later frame calls durable is the end of a commit that nobody was told of.
  void lose(Sequence from, Sequence to) {
    if (from >= report_.durable_end) {
      torn_ = true;
    } else if (from += shift_, to = std::min(to + shift_, to_); from < to) {
      visitor_.lost(from, to);
    }
  }

  const JournalReport& report_;
  Sealer& sealer_;
  const Sequence to_;
  const Visitor& visitor_;
  std::uint64_t shift_ = 0;  // of the segment at hand
  bool torn_ = false;
};

}  // namespace

Result<void> walk(FileSystem& files, const std::string& directory, Sealer& sealer, Sequence from, Sequence to,
                  const Visitor& visitor) {
  const auto report = inspect(files, directory, nullptr, Depth::headers);
  if (!report) return report.error();
  Walk walk(*report, sealer, to, visitor);
  for (const SegmentReport& segment : report->segments) {
    if (segment.end <= from || segment.first() >= to) continue;
    if (auto done = walk.segment(files, segment, from); !done) return done;
  }
  return {};
}

}  // namespace penstock::journal
