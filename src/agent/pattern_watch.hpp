// Which files the patterns match, and where to look for changes: where the kernel tells at what it tells of, else everywhere now and then.
#pragma once

#include <chrono>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "agent/file_pattern.hpp"
#include "agent/folder_watch.hpp"

namespace penstock::agent {

// One thread.
class PatternWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // Without `watch` everything is looked at each time, else also every `everywhere`, for what the kernel may have missed.
  PatternWatch(const std::vector<std::string>& patterns, bool watch, std::chrono::milliseconds everywhere);

  struct News {
    bool everywhere = false;        // everything is to be looked at
    std::set<std::string> changed;  // besides: these paths, which the patterns need not match
  };
  News news(Time now);

  // All that is there, of any type, by path, each once. Their folders are watched from now on.
  std::vector<FilePattern::Found> find();
  // find() and the look at what it found are done, and took so long.
  void looked(Time now, std::chrono::nanoseconds took);

  bool is_watched(const std::string& path) const;
  bool is_matched(const std::string& path) const;
  // Tells in the log of each pattern that matches no ordinary file.
  void say_what_matches_nothing() const;

 private:
  std::vector<FilePattern> patterns_;
  FolderWatch watch_;
  const std::chrono::milliseconds everywhere_;
  std::unordered_set<std::string> watched_;  // folders
  bool all_watched_ = false;
  bool first_ = true;
  Time next_{};
};

}  // namespace penstock::agent
