#include "journal/segment_walker.hpp"

#include <algorithm>
#include <cstring>
#include <span>

#include "base/bytes.hpp"
#include "journal/read_around.hpp"

namespace penstock::journal {
namespace {

constexpr std::size_t kHeaderLook = 4096;       // small frames come several a look
constexpr std::size_t kSearchLook = 64u << 10;

}  // namespace

SegmentWalker::SegmentWalker(const File& file, SegmentId segment, std::uint64_t offset)
    : file_(file), segment_(segment), offset_(offset) {}

Result<std::size_t> SegmentWalker::read(std::uint64_t offset, std::span<std::byte> into) const {
  return tolerant_ ? read_around(file_, offset, into) : file_.read_at(offset, into);
}

Result<void> SegmentWalker::fill(std::uint64_t offset, std::size_t size) {
  buffer_.resize(size);
  buffer_at_ = offset;
  auto got = read(offset, std::as_writable_bytes(std::span(buffer_)));
  if (!got) {
    buffer_.clear();
    return std::move(got).error();
  }
  buffer_.resize(*got);
  return {};
}

// Never beyond the limit: what lies there may be half written now, and be good later.
Result<std::string_view> SegmentWalker::look(std::uint64_t limit) {
  if (offset_ < buffer_at_ || offset_ + kFrameHeaderBytes > buffer_at_ + buffer_.size()) {
    auto filled = fill(offset_, static_cast<std::size_t>(std::min<std::uint64_t>(kHeaderLook, limit - offset_)));
    if (!filled) return std::move(filled).error();
  }
  const std::size_t skip = static_cast<std::size_t>(offset_ - buffer_at_);
  return std::string_view(buffer_).substr(std::min(skip, buffer_.size()));
}

Result<SegmentWalker::Step> SegmentWalker::next(std::uint64_t limit) {
  const auto size = file_.size();
  if (!size) return size.error();
  limit = std::min(limit, *size);
  if (offset_ + kFrameHeaderBytes > limit) return search(limit);
  auto bytes = look(limit);
  if (!bytes) return std::move(bytes).error();
  const auto header = decode_frame_header(*bytes, {segment_, offset_});
  if (!header || offset_ + frame_bytes(header->payload_bytes) > limit) return search(limit);
  Step step;
  step.found = true;
  step.offset = offset_;
  step.header = *header;
  offset_ += frame_bytes(header->payload_bytes);
  return step;
}

Result<SegmentWalker::Step> SegmentWalker::search(std::uint64_t limit) {
  Step step;
  step.damaged_from = offset_;
  std::uint64_t dirty_end = offset_;
  for (std::uint64_t at = offset_; at < limit; at += kSearchLook) {
    // Looks overlap by a header, so that one across their border is seen whole.
    const auto size = std::min<std::uint64_t>(kSearchLook + kFrameHeaderBytes, limit - at);
    auto filled = fill(at, static_cast<std::size_t>(size));
    if (!filled) return std::move(filled).error();
    const std::string_view bytes(buffer_);
    for (std::size_t i = 0; i < std::min(bytes.size(), kSearchLook); i += 8) {
      const std::string_view rest = bytes.substr(i);
      if (rest.size() >= 8 && read_fixed<std::uint64_t>(rest.data()) == 0) continue;
      const auto header = decode_frame_header(rest, {segment_, at + i});
      if (header && at + i + frame_bytes(header->payload_bytes) <= limit) {
        step.found = true;
        step.offset = at + i;
        step.header = *header;
        step.damaged_bytes = dirty_end - step.damaged_from;
        offset_ = step.offset + frame_bytes(header->payload_bytes);
        return step;
      }
      for (std::size_t k = std::min<std::size_t>(8, rest.size()); k-- > 0;) {
        if (rest[k] != '\0') {
          dirty_end = at + i + k + 1;
          break;
        }
      }
    }
  }
  step.damaged_bytes = dirty_end - step.damaged_from;
  buffer_.clear();
  return step;
}

Result<std::string> SegmentWalker::payload(const Step& step) const {
  std::string bytes(step.header.payload_bytes, '\0');
  auto got = read(step.offset + kFrameHeaderBytes, std::as_writable_bytes(std::span(bytes)));
  if (!got) return std::move(got).error();
  bytes.resize(*got);
  return bytes;
}

}  // namespace penstock::journal
