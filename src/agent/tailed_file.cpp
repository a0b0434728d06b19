#include "agent/tailed_file.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/unicode.hpp"

namespace penstock::agent {
namespace {

constexpr std::size_t kReadBytes = 64 << 10;
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

bool TailedFile::read(Time now, const LineSink& line) {
  struct stat status {};
  if (::fstat(file_.get(), &status) != 0) return false;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  place_.modified_ns = modified_ns(status);
  at_end_ = size <= place_.offset;
  if (at_end_) {
    partial_ = false;
    return false;
  }
  const Result<std::string> bytes = read_at(file_, place_.offset, std::max(kReadBytes, limits_.line_bytes + 1), place_.path);
  if (!bytes || bytes->empty()) return false;
  if (bytes->front() == '\0') {
    const bool moved = skip_nuls(size);
    partial_ = false;
    at_end_ = !moved;
    return moved;
  }
  std::string_view rest = *bytes;
  const std::uint64_t begun = place_.offset;
  const bool to_the_end = place_.offset + rest.size() == size;
  const auto take = [&](std::size_t length, std::size_t end) {
    std::string_view text = rest.substr(0, length);
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (!text.empty() && !line(text)) return false;
    rest.remove_prefix(end);
    place_.offset += end;
    return true;
  };
  bool refused = false;
  bool last = to_the_end;  // what is left is the file's last line
  while (!rest.empty() && !refused) {
    const std::size_t newline = rest.find('\n');
    const std::string_view text = rest.substr(0, std::min(newline, limits_.line_bytes + 1));
    const bool unended = to_the_end && text.size() == rest.size();
    const std::size_t nuls = find_nul_run(text, text.size() == newline || unended);
    if (nuls == 0 && !text.empty()) {
      rest = {};  // the next call sees to them
    } else if (nuls < text.size()) {
      if (rest.find_first_not_of('\0', nuls) == std::string_view::npos && end_of_nuls(place_.offset + rest.size(), size) == size) {
        rest = rest.substr(0, nuls);  // they may still be written over
        last = true;
        break;
      }
      refused = !take(nuls, nuls);
    } else if (newline != std::string_view::npos && newline <= limits_.line_bytes) {
      refused = !take(newline, newline + 1);
    } else if (rest.size() > limits_.line_bytes) {
      const std::size_t part = whole_characters(rest, limits_.line_bytes);
      refused = !take(part, part);
    } else {
      break;
    }
  }
  const bool grew = place_.offset != begun;
  if (grew) grown_ = now;
  const bool had_partial = partial_;
  partial_ = !refused && last && !rest.empty();
  if (partial_) {
    if (!had_partial || size != partial_size_) partial_since_ = grown_ = now;
    partial_size_ = size;
    if (is_due(now)) {
      refused = !take(rest.size(), rest.size());
      partial_ = refused;
    }
  }
  if (grew || !partial_) place_.remember(file_);
  at_end_ = place_.offset == size;
  return !refused && !partial_ && !at_end_;
}

}  // namespace penstock::agent
