#include "agent/tailed_file.hpp"

#include <algorithm>

#include "base/crc32c.hpp"
#include "base/log.hpp"
#include "base/unicode.hpp"

namespace penstock::agent {
namespace {

constexpr std::size_t kReadBytes = 64 << 10;

}  // namespace

TailedFile::TailedFile(Descriptor file, TailPlace place, Limits limits, Time now)
    : file_(std::move(file)), place_(std::move(place)), limits_(limits), grown_(now) {}

void TailedFile::remember_head() {
  if (place_.head_bytes == kHeadBytes || place_.offset <= place_.head_bytes) return;
  const auto wanted = static_cast<std::uint32_t>(std::min<std::uint64_t>(place_.offset, kHeadBytes));
  const Result<std::string> head = read_at(file_, 0, wanted, place_.path);
  if (!head || head->size() < wanted) return;
  place_.head_bytes = wanted;
  place_.head_crc = crc32c(*head);
}

void TailedFile::watch_for_truncation(std::uint64_t size) {
  bool other = size < place_.offset;
  if (!other && place_.head_bytes > 0) {
    const Result<std::string> head = read_at(file_, 0, place_.head_bytes, place_.path);
    other = head && (head->size() < place_.head_bytes || crc32c(*head) != place_.head_crc);
  }
  if (!other) return;
  log::info("agent", "a file was cut off and is read from its start", {{"file", place_.path}});
  place_.offset = 0;
  place_.head_bytes = 0;
  partial_ = false;
}

// Parts of a long line end before a character, not within one.
std::uint64_t TailedFile::unlinked_bytes() const {
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0 || status.st_nlink > 0) return 0;
  return static_cast<std::uint64_t>(status.st_blocks) * 512;
}

bool TailedFile::read(Time now, const LineSink& line) {
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) return false;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  watch_for_truncation(size);
  at_end_ = size <= place_.offset;
  if (at_end_) {
    partial_ = false;
    return false;
  }
  const Result<std::string> bytes = read_at(file_, place_.offset, std::max(kReadBytes, limits_.line_bytes + 1), place_.path);
  if (!bytes || bytes->empty()) return false;
  std::string_view rest = *bytes;
  const auto take = [&](std::size_t length, std::size_t end) {
    std::string_view text = rest.substr(0, length);
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (!text.empty() && !line(text)) return false;
    rest.remove_prefix(end);
    place_.offset += end;
    return true;
  };
  bool refused = false;
  while (!rest.empty() && !refused) {
    const std::size_t newline = rest.find('\n');
    if (newline != std::string_view::npos && newline <= limits_.line_bytes) {
      refused = !take(newline, newline + 1);
    } else if (rest.size() > limits_.line_bytes) {
      const std::size_t part = whole_characters(rest, limits_.line_bytes);
      refused = !take(part, part);
    } else {
      break;
    }
  }
  if (rest.size() < bytes->size()) grown_ = now;
  const bool to_the_end = place_.offset + rest.size() == size;
  const bool had_partial = partial_;
  partial_ = !refused && to_the_end && !rest.empty();
  if (partial_) {
    if (!had_partial || size != partial_size_) partial_since_ = grown_ = now;
    partial_size_ = size;
    if (now - partial_since_ >= limits_.partial_line) {
      refused = !take(rest.size(), rest.size());
      partial_ = refused;
    }
  }
  remember_head();
  at_end_ = place_.offset == size;
  return !refused && !partial_ && !at_end_;
}

}  // namespace penstock::agent
