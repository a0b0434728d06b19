#include "agent/pattern_watch.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "agent/rotation.hpp"
#include "base/log.hpp"

namespace penstock::agent {

PatternWatch::PatternWatch(const std::vector<std::string>& patterns, bool watch, std::chrono::milliseconds everywhere) : watch_(watch), everywhere_(everywhere) {
  for (const std::string& pattern : patterns) patterns_.emplace_back(pattern);
}

PatternWatch::News PatternWatch::news(Time now) {
  News news;
  news.everywhere = first_ || now >= next_;
  const bool whole = watch_.drain([&](const FolderWatch::Event& event) {
    if (event.folder) {
      news.everywhere = true;
    } else {
      news.changed.insert(event.path);
    }
  });
  news.everywhere = news.everywhere || !whole;
  return news;
}

std::vector<FilePattern::Found> PatternWatch::find() {
  std::vector<FilePattern::Found> found;
  watched_.clear();
  all_watched_ = true;
  for (const FilePattern& pattern : patterns_) {
    pattern.find(found, [&](const std::string& folder) {
      if (watched_.contains(folder)) return;
      if (watch_.add(folder)) {
        watched_.insert(folder);
      } else {
        all_watched_ = false;
      }
    });
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  found.erase(std::unique(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.path == b.path; }), found.end());
  return found;
}

// Where the kernel does not tell, a look at everything is all there is; it may take a twentieth of the time.
void PatternWatch::looked(Time now, std::chrono::nanoseconds took) {
  first_ = false;
  next_ = now + (all_watched_ ? everywhere_ : std::chrono::milliseconds(0));
  if (took * 20 > std::chrono::milliseconds(250)) next_ = std::max(next_, now + took * 20);
}

bool PatternWatch::is_watched(const std::string& path) const { return watched_.contains(split_name(path).first); }

bool PatternWatch::is_matched(const std::string& path) const {
  return std::any_of(patterns_.begin(), patterns_.end(), [&](const FilePattern& pattern) { return pattern.matches(path); });
}

void PatternWatch::say_what_matches_nothing() const {
  for (const FilePattern& pattern : patterns_) {
    std::vector<FilePattern::Found> found;
    pattern.find(found, [](const std::string&) {});
    std::string what = "no such file yet; it is looked for all the time";
    bool regular = false;
    for (const FilePattern::Found& one : found) {
      struct stat status {};
      if (::stat(one.path.c_str(), &status) != 0) continue;
      regular = regular || S_ISREG(status.st_mode);
      if (S_ISDIR(status.st_mode)) {
        what = one.path + " is a folder: name the files in it, as in " + one.path + "/*.log, or with " + one.path + "/**/*.log those below it too";
      } else if (!S_ISREG(status.st_mode)) {
        what = one.path + " is no ordinary file: a pipe or a device is read with penstock send < " + one.path;
      }
    }
    if (!regular) log::warn("agent", "nothing is followed by one of the patterns given with --file", {{"pattern", pattern.text()}, {"reason", what}});
  }
}

}  // namespace penstock::agent
