#include <optional>
#include <vector>

#include "base/log.hpp"
#include "journal/recovery.hpp"
#include "journal/segment_walker.hpp"

namespace penstock::journal {
namespace {

class KeyRecovery {
 public:
  explicit KeyRecovery(JournalState& state) : state_(state) {}

  void run() {
    const std::vector<Segment> segments = state_.catalog.all();
    for (auto segment = segments.rbegin(); segment != segments.rend(); ++segment) {
      auto more = add(*segment);
      if (!more) {
        log::error("journal", "Idempotency keys could not be read back: a retry from before the start may be stored twice",
                   {{"file", segment->path}, {"reason", more.error().message}});
      } else if (!*more) {
        return;
      }
    }
  }

 private:
  // False when there is no room for older keys.
  Result<bool> add(const Segment& segment) {
    auto file = state_.files.open_read(segment.path);
    if (!file) return std::move(file).error();
    std::vector<KeptKey> keys;
    auto known = from_trailer(**file, segment, keys);
    if (!known) {
      keys.clear();
      if (auto read = read_through(**file, segment, keys); !read) return std::move(read).error();
    }
    const Timestamp now = state_.ages.now();
    const std::int64_t age = std::chrono::nanoseconds(state_.options.idempotency_age).count();
    for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
      if (now.ns - key->committed_at.ns > age) continue;
      if (!state_.keys.add_older(std::move(*key), segment.name.id)) return false;
    }
    return true;
  }

  // The short way: a segment left in good order says where its keys are.
  bool from_trailer(const File& file, const Segment& segment, std::vector<KeptKey>& keys) {
    if (segment.end_offset < kSegmentHeaderBytes + kFooterBytes) return false;
    SegmentWalker walker(file, segment.name.id, segment.end_offset - kFooterBytes);
    const auto last = walker.next(segment.end_offset);
    if (!last || !last->found || last->damaged_bytes != 0 || !(last->header.flags & kFooter)) return false;
    auto bytes = open(walker, segment, *last);
    if (!bytes) return false;
    const auto footer = decode_footer(*bytes);
    if (!footer) return false;
    if (footer->keys_offset == 0) return true;
    walker.move_to(footer->keys_offset);
    const auto step = walker.next(segment.end_offset);
    if (!step || !step->found || step->offset != footer->keys_offset || !(step->header.flags & kKeysOnly)) return false;
    return add_content(walker, segment, *step, keys).has_value();
  }

  Result<void> read_through(const File& file, const Segment& segment, std::vector<KeptKey>& keys) {
    SegmentWalker walker(file, segment.name.id);
    walker.tolerate_unreadable();
    for (;;) {
      auto step = walker.next(segment.end_offset);
      if (!step) return std::move(step).error();
      if (!step->found || (step->header.count != 0 && step->header.first + segment.shift >= segment.end)) return {};
      if (!(step->header.flags & (kKeysOnly | kHasIdempotency))) continue;
      auto added = add_content(walker, segment, *step, keys);
      if (!added && added.error().code != ErrorCode::corrupt) return added;
    }
  }

  Result<std::string> open(const SegmentWalker& walker, const Segment& segment, const SegmentWalker::Step& step) {
    auto payload = walker.payload(step);
    if (!payload) return payload;
    return open_payload(state_.sealer, {segment.name.id, step.offset}, step.header, *payload);
  }

  Result<void> add_content(const SegmentWalker& walker, const Segment& segment, const SegmentWalker::Step& step,
                           std::vector<KeptKey>& keys) {
    auto plain = open(walker, segment, step);
    if (!plain) return std::move(plain).error();
    if (step.header.flags & kKeysOnly) {
      auto kept = decode_keys(*plain);
      if (!kept) return std::move(kept).error();
      keys.insert(keys.end(), std::make_move_iterator(kept->begin()), std::make_move_iterator(kept->end()));
      return {};
    }
    auto frame = decode_batches(state_.id, step.header, *plain);
    if (!frame) return std::move(frame).error();
    for (const Frame::Batch& batch : (*frame)->batches) {
      auto entry = BatchReader::idempotency(batch.bytes);
      if (entry && *entry) keys.push_back({std::move(**entry), step.header.committed_at});
    }
    return {};
  }

  JournalState& state_;
};

}  // namespace

void recover_keys(JournalState& state) { KeyRecovery(state).run(); }

}  // namespace penstock::journal
