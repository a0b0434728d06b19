#include "agent/tail_set.hpp"

#include <glob.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <utility>

#include "base/crc32c.hpp"
#include "base/log.hpp"

namespace penstock::agent {
namespace {

std::vector<std::string> expand(const std::vector<std::string>& globs) {
  std::vector<std::string> paths;
  for (const std::string& pattern : globs) {
    glob_t found{};
    if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
      for (std::size_t i = 0; i < found.gl_pathc; ++i) paths.emplace_back(found.gl_pathv[i]);
    }
    ::globfree(&found);
  }
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  return paths;
}

bool same_file(const TailPlace& place, const struct stat& status) {
  return place.device == static_cast<std::uint64_t>(status.st_dev) && place.inode == static_cast<std::uint64_t>(status.st_ino);
}

}  // namespace

TailSet::TailSet(TailOptions options, std::vector<TailPlace> known) : options_(std::move(options)), known_(std::move(known)) {}

bool TailSet::known_again(const Descriptor& file, const TailPlace& place) const {
  if (place.head_bytes == 0) return true;
  const Result<std::string> head = read_at(file, 0, place.head_bytes, place.path);
  return head && head->size() == place.head_bytes && crc32c(*head) == place.head_crc;
}

void TailSet::open_found(const std::string& path, TailedFile::Time now) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
  for (TailedFile& file : files_) {
    if (!same_file(file.place(), status)) {
      // Another file stands under its path now.
      if (file.place().path == path) file.set_rotated(true);
      continue;
    }
    struct stat own {};
    if (file.place().path != path && (::stat(file.place().path.c_str(), &own) != 0 || !same_file(file.place(), own))) {
      // Renamed to a name that a glob matches too.
      file.set_path(path);
      file.set_rotated(false);
    }
    return;
  }
  Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!descriptor || ::fstat(descriptor.get(), &status) != 0) {
    if (unreadable_.insert(path).second) log::warn("agent", "a file cannot be read", {{"file", path}});
    return;
  }
  unreadable_.erase(path);
  TailPlace place;
  place.path = path;
  place.device = static_cast<std::uint64_t>(status.st_dev);
  place.inode = static_cast<std::uint64_t>(status.st_ino);
  const auto known = std::find_if(known_.begin(), known_.end(), [&](const TailPlace& one) { return same_file(one, status); });
  const bool again = known != known_.end() && known_again(descriptor, *known);
  if (again) {
    place = *known;
    place.path = path;
  } else if (first_look_ && !options_.from_start) {
    place.offset = static_cast<std::uint64_t>(status.st_size);
  }
  if (known != known_.end()) known_.erase(known);
  files_.emplace_back(std::move(descriptor), std::move(place), options_.limits, now);
}

// Files that were renamed while the agent was away, out of the reach of the globs ("app.log" → "app.log.1").
void TailSet::resume_rotated(TailedFile::Time now) {
  using Identity = std::pair<std::uint64_t, std::uint64_t>;
  std::map<std::string, std::map<Identity, std::string>> folders;  // each is read once
  std::vector<TailPlace> closed;
  for (TailPlace& place : known_) {
    const std::string folder = std::filesystem::path(place.path).parent_path().string();
    const auto [files, unread] = folders.try_emplace(folder);
    if (unread) {
      std::error_code error;
      for (const auto& entry : std::filesystem::directory_iterator(folder.empty() ? "." : folder, error)) {
        struct stat status {};
        if (::lstat(entry.path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
        files->second.try_emplace({static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino)}, entry.path().string());
      }
    }
    const auto found = files->second.find({place.device, place.inode});
    if (found == files->second.end()) continue;
    Descriptor descriptor(::open(found->second.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!descriptor) {
      closed.push_back(std::move(place));
    } else if (known_again(descriptor, place)) {
      files_.emplace_back(std::move(descriptor), std::move(place), options_.limits, now);
      files_.back().set_rotated(true);
    }
  }
  known_ = std::move(closed);
}

void TailSet::discover(TailedFile::Time now) {
  const std::vector<std::string> paths = expand(options_.globs);
  for (const std::string& path : paths) open_found(path, now);
  std::erase_if(unreadable_, [&](const std::string& path) { return !std::binary_search(paths.begin(), paths.end(), path); });
  for (TailedFile& file : files_) {
    struct stat status {};
    if (!file.rotated() && (::stat(file.place().path.c_str(), &status) != 0 || !same_file(file.place(), status))) file.set_rotated(true);
  }
  if (first_look_) resume_rotated(now);
  first_look_ = false;
}

void TailSet::let_go_of_quiet(TailedFile::Time now) {
  files_.remove_if([&](const TailedFile& file) { return file.finished(now, options_.rotated); });
  std::vector<TailedFile::Time> since;
  for (const TailedFile& file : files_) {
    if (file.rotated()) since.push_back(file.quiet_since());
  }
  if (since.size() <= options_.most_rotated) return;
  std::size_t many = since.size() - options_.most_rotated;
  std::sort(since.begin(), since.end());
  const TailedFile::Time bound = since[many - 1];
  files_.remove_if([&](const TailedFile& file) {
    return many > 0 && file.quiet_since() <= bound && file.finished(now, std::chrono::milliseconds(0)) && many-- > 0;
  });
}

void TailSet::let_go_of_unlinked(std::uint64_t at_most) {
  std::uint64_t held = 0;
  for (const TailedFile& file : files_) held += file.unlinked_bytes();
  for (auto file = files_.begin(); held > at_most && file != files_.end();) {
    const std::uint64_t bytes = file->unlinked_bytes();
    if (bytes == 0) {
      ++file;
      continue;
    }
    if (!file->at_end()) log::warn("agent", "a deleted file was let go before it was read to its end", {{"file", file->place().path}, {"bytes", bytes}});
    held -= bytes;
    file = files_.erase(file);
  }
}

bool TailSet::read(TailedFile::Time now, const LineSink& line) {
  // What rotated away is read before what took its place, so that lines keep their order.
  discover(now);
  files_.sort([](const TailedFile& a, const TailedFile& b) { return a.rotated() > b.rotated(); });
  bool more = false;
  bool stopped = false;
  for (auto file = files_.begin(); file != files_.end(); ++file) {
    while (!stopped && file->read(now, [&](std::string_view text) {
      if (!stopped && !line(file->place().path, text)) stopped = true;
      return !stopped;
    })) {
    }
    more = more || (!file->at_end() && !file->has_partial_line());
  }
  let_go_of_quiet(now);
  return more || stopped;
}

std::vector<TailPlace> TailSet::places() const {
  std::vector<TailPlace> places = known_;
  for (const TailedFile& file : files_) places.push_back(file.place());
  return places;
}

std::string format_places(const std::vector<TailPlace>& places) {
  std::string text;
  for (const TailPlace& place : places) {
    for (const std::uint64_t number : {place.device, place.inode, place.offset, std::uint64_t{place.head_bytes}, std::uint64_t{place.head_crc}}) {
      text += std::to_string(number);
      text += ' ';
    }
    for (const char c : place.path) text += c == '\n' ? '?' : c;
    text += '\n';
  }
  return text;
}

std::vector<TailPlace> parse_places(std::string_view text) {
  std::vector<TailPlace> places;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    std::uint64_t numbers[5] = {};
    bool good = true;
    for (std::uint64_t& number : numbers) {
      const auto [after, error] = std::from_chars(line.data(), line.data() + line.size(), number);
      good = good && error == std::errc() && after != line.data() + line.size() && *after == ' ';
      if (!good) break;
      line.remove_prefix(static_cast<std::size_t>(after - line.data()) + 1);
    }
    if (!good || line.empty() || numbers[3] > TailedFile::kHeadBytes) continue;
    places.push_back({std::string(line), numbers[0], numbers[1], numbers[2], static_cast<std::uint32_t>(numbers[3]),
                      static_cast<std::uint32_t>(numbers[4])});
  }
  return places;
}

}  // namespace penstock::agent
