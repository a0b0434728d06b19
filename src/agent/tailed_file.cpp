#include "agent/tailed_file.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/unicode.hpp"
#include "core/system_clock.hpp"

namespace penstock::agent {
namespace {

constexpr std::size_t kReadBytes = 64 << 10;
constexpr std::size_t kWideBytes = LineJoiner::kMost + kReadBytes;  // where so few hold nothing that is complete
constexpr std::size_t kNulRun = 8;                  // so many end a line; fewer are part of it
constexpr std::uint64_t kNulsARead = 16ull << 20;   // then others have their turn

// Where a run of NUL begins that ends a line; the text's size when there is none. With `ends` the text ends where a line or the file does: then a run
// at its end counts whatever its length.
std::size_t find_nul_run(std::string_view text, bool ends) {
  for (std::size_t from = text.find('\0'); from != std::string_view::npos; from = text.find('\0', from)) {
    const std::size_t to = std::min(text.find_first_not_of('\0', from), text.size());
    if (from == 0 || to - from >= kNulRun || (ends && to == text.size())) return from;
    from = to;
  }
  return text.size();
}

}  // namespace

TailedFile::TailedFile(TailPlace place, Limits limits, Time now) : place_(std::move(place)), limits_(limits), grown_(now) {}

std::optional<TailPlace> TailedFile::cut_off() {
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) return std::nullopt;
  if (static_cast<std::uint64_t>(status.st_size) >= place_.offset && place_.head_fits(file_)) return std::nullopt;
  log::info("agent", "a file was cut off and is read from its start", {{"file", place_.path}});
  TailPlace before = place_;
  place_ = {place_.path, place_.device, place_.inode};
  partial_ = at_end_ = false;
  nuls_to_ = 0;
  return before;
}

void TailedFile::skip_to(std::uint64_t offset) {
  place_.offset = offset;
  if (is_open()) place_.remember(file_);
}

std::uint64_t TailedFile::unlinked_bytes() const {
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0 || status.st_nlink > 0) return 0;
  return static_cast<std::uint64_t>(status.st_blocks) * 512;
}

// Where the first byte stands, from `at` on, that is no NUL: `size` when there is none. Looks at so many bytes at most, holes not counted.
std::uint64_t TailedFile::end_of_nuls(std::uint64_t at, std::uint64_t size) const {
  for (std::uint64_t looked = 0; at < size && looked < kNulsARead;) {
    const off_t data = ::lseek(file_.get(), static_cast<off_t>(at), SEEK_DATA);
    if (data < 0 && errno == ENXIO) return size;  // a hole up to the end
    if (data > 0) at = std::max(at, static_cast<std::uint64_t>(data));
    const Result<std::string> bytes = read_at(file_, at, kReadBytes, place_.path);
    if (!bytes || bytes->empty()) return size;
    const std::size_t text = std::min(bytes->find_first_not_of('\0'), bytes->size());
    at += text;
    looked += text;
    if (text < bytes->size()) break;
  }
  return std::min(at, size);
}

// At the place there is a NUL: past the run that it begins, unless that reaches to the file's end. True when the place moved or there is more to
// look through.
bool TailedFile::skip_nuls(std::uint64_t size) {
  nuls_to_ = end_of_nuls(std::max(nuls_to_, place_.offset), size);
  char next = '\0';
  const bool moves = nuls_to_ < size && ::pread(file_.get(), &next, 1, static_cast<off_t>(nuls_to_)) == 1 && next != '\0';
  const bool more = nuls_to_ < size;
  if (moves) {
    skipped_ += nuls_to_ - place_.offset;
    place_.offset = nuls_to_;
  }
  if (moves || !more) nuls_to_ = 0;
  return more;
}

bool TailedFile::lines_are_due(Time now) const { return partial_ && waits_for_lines_ && now - partial_since_ >= limits_.more_lines; }

bool TailedFile::end_is_due(Time now) const {
  if (!partial_ || !lacks_end_) return false;
  if (limits_.partial_line.count() > 0) return now - partial_since_ >= limits_.partial_line;
  return rotated_ && now - partial_since_ >= limits_.last_words;
}

// Lines that wait for others are read again from the place, each time: so the place is all that has to be kept to lose none of them.
TailedFile::Stretch TailedFile::read_stretch(std::size_t most, std::uint64_t size, Due due, const LineSink& sink) {
  const Result<std::string> bytes = read_at(file_, place_.offset, most, place_.path);
  if (!bytes || bytes->empty()) return Stretch::unread;
  if (bytes->front() == '\0') return Stretch::nuls;
  std::string_view rest = *bytes;
  const std::uint64_t begun = place_.offset;
  std::uint64_t at = begun;
  const bool to_the_end = at + rest.size() >= size;
  last_ = to_the_end;
  LineJoiner joiner(limits_.lines);
  const auto give = [&] {
    std::vector<LogLine> lines;
    std::uint64_t upto = 0;
    if (!joiner.take(lines, upto)) return true;
    if (!lines.empty() && !sink(lines)) return false;
    place_.offset = std::max(place_.offset, upto);
    return true;
  };
  const auto take = [&](std::size_t length, std::size_t end) {
    std::string_view text = rest.substr(0, length);
    if (text.ends_with('\r')) text.remove_suffix(1);
    joiner.add(text, at, at + end, limits_.lines.multiline == Multiline::time ? SystemClock().now() : Timestamp{});
    rest.remove_prefix(end);
    at += end;
    return give();
  };
  bool before_nuls = false;
  while (!rest.empty() && !before_nuls) {
    const bool may_be_json = rest.front() == '{' && limits_.lines.format != LineFormat::text;
    const std::size_t longest = may_be_json ? std::max(limits_.line_bytes, LineJoiner::kMost) : limits_.line_bytes;
    const std::size_t newline = rest.find('\n');
    const std::string_view text = rest.substr(0, std::min(newline, longest + 1));
    const bool unended = to_the_end && text.size() == rest.size();
    const std::size_t nuls = find_nul_run(text, text.size() == newline || unended);
    bool taken = true;
    if (nuls == 0 && !text.empty()) {
      before_nuls = true;  // the next call sees to them
    } else if (nuls < text.size()) {
      if (rest.find_first_not_of('\0', nuls) == std::string_view::npos && end_of_nuls(at + rest.size(), size) == size) {
        rest = rest.substr(0, nuls);  // they may still be written over
        last_ = true;
        break;
      }
      taken = take(nuls, nuls);
    } else if (newline != std::string_view::npos && newline <= longest) {
      taken = take(newline, newline + 1);
    } else if (rest.size() > longest) {
      const std::size_t part = whole_characters(rest, longest);
      taken = take(part, part);
    } else {
      break;
    }
    if (!taken) return Stretch::refused;
  }
  if (before_nuls) {
    rest = {};
    last_ = false;
  }
  lacks_end_ = !rest.empty() || joiner.waits_for_part();
  waits_for_lines_ = joiner.waits_for_lines();
  const bool stuck = before_nuls || (!last_ && place_.offset == begun && most >= kWideBytes);
  if (stuck || (due.lines && last_)) joiner.pause();
  if (!give()) return Stretch::refused;
  if (due.end && last_ && lacks_end_) {
    const std::size_t whole = rotated_ ? rest.size() : complete_characters(rest);
    if (whole > 0 && !take(whole, whole)) return Stretch::refused;
  }
  if (stuck || (due.end && last_)) joiner.finish();
  if (!give()) return Stretch::refused;
  return Stretch::taken;
}

bool TailedFile::read(Time now, const LineSink& sink) {
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) return false;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  place_.modified_ns = modified_ns(status);
  at_end_ = size <= place_.offset;
  if (at_end_) {
    partial_ = false;
    return false;
  }
  const bool unchanged = partial_ && size == partial_size_;
  const Due due{unchanged && lines_are_due(now), unchanged && end_is_due(now)};
  const std::uint64_t begun = place_.offset;
  const std::size_t few = std::max(kReadBytes, limits_.line_bytes + 1);
  Stretch stretch = read_stretch(few, size, due, sink);
  if (stretch == Stretch::taken && place_.offset == begun && !last_) stretch = read_stretch(kWideBytes, size, due, sink);
  if (stretch == Stretch::nuls) {
    const bool moved = skip_nuls(size);
    partial_ = false;
    at_end_ = !moved;
    return moved;
  }
  const bool moved = place_.offset != begun;
  if (moved && !unchanged) grown_ = now;
  if (stretch != Stretch::refused) partial_ = stretch == Stretch::taken && last_ && place_.offset < size && (lacks_end_ || waits_for_lines_);
  if (partial_ && stretch == Stretch::taken) {
    if (!unchanged) grown_ = now;
    if (!unchanged || moved) partial_since_ = now;
    partial_size_ = size;
  }
  if (moved || !partial_) place_.remember(file_);
  at_end_ = place_.offset >= size;
  return stretch == Stretch::taken && !partial_ && !at_end_;
}

}  // namespace penstock::agent
