// The files that the agent follows: found by patterns, known again by inode, rotated or cut off without losing a line.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/open_files.hpp"
#include "agent/pattern_watch.hpp"
#include "agent/tail_entry.hpp"

namespace penstock::agent {

struct TailOptions {
  std::vector<std::string> globs;
  bool from_start = false;  // files that are there at the first look and not known: from their beginning, else from their end
  bool say_unmatched = false;  // a pattern that no file matches at the first look is told in the log
  std::chrono::milliseconds rotated{60'000};  // a rotated file is let go when it has not grown for so long: quiet writers keep it open
  std::size_t most_rotated = 256;             // followed at once; of more, those read to their end that were quiet for longest are let go
  std::size_t most_open = 0;                  // files open at once; 0: what the limit of descriptors leaves
  bool watch = true;                          // let the kernel tell what changes, where it can; else every file is looked at each time
  std::chrono::milliseconds look_everywhere{5'000};  // also where the kernel tells, for what it may have missed
  std::chrono::milliseconds copy_wait{10'000};       // for a copy of a followed file that is shorter than what was read of that
  TailedFile::Limits limits;
};

// Up to some thousands of files cost next to nothing while nobody writes to them. Files take turns. One thread.
class TailSet {
 public:
  using Time = TailedFile::Time;
  // Lines of a file. False: enough for now.
  using LineSink = std::function<bool(const std::string& path, const std::vector<LogLine>& lines)>;

  // `known`: places from earlier runs; a file found again goes on from there, under its path or, when it was rotated meanwhile, beside it.
  TailSet(TailOptions options, std::vector<TailPlace> known);

  // Looks for new, rotated and grown files, and lets go of those that are done with.
  void look(Time now);
  // Reads what the look found. Of what stood under one path after another the older comes first. True when there may be more.
  bool read(Time now, const LineSink& line);
  // While lines must wait: files that were deleted meanwhile still take disk. When it is more than this, the oldest of them are let go.
  void let_go_of_unlinked(std::uint64_t at_most);
  // Where all files stand, those included that could not be opened again.
  std::vector<TailPlace> places() const;
  // Another number whenever places() has changed.
  std::uint64_t changes() const { return changes_; }
  // NULs that were left out so far.
  std::uint64_t skipped_bytes() const { return skipped_; }

 private:
  struct IdHash {
    std::size_t operator()(const FileId& id) const { return std::hash<std::uint64_t>()(id.first * 0x9E3779B97F4A7C15u ^ id.second); }
  };
  // A place that a file had which stands there no longer.
  struct Left {
    TailPlace place;
    TailEntryPtr entry;  // null: the file is not to be found
  };
  struct CutOff {
    TailPlace place;
    Time since{};
  };
  enum class Judgement { read, wait, leave };

  void look_everywhere(Time now);
  void look_at(const std::string& path, bool link, Time now);
  void look_again(const TailEntryPtr& entry, bool seen, Time now);
  void open_found(const std::string& path, bool link, const struct stat& status, const TailEntryPtr& before, Time now);
  void leave_path(const TailEntryPtr& entry);
  void resume_rotated(Time now);
  void look_beside(const Left& left, bool copies_only, Time now);
  void let_go_of_quiet(Time now);

  bool open(const TailEntryPtr& entry);
  void notice_cut_off(const TailEntryPtr& entry, Time now);
  Judgement judge(const TailEntryPtr& entry, Time now);
  Judgement judge_beside(const TailEntryPtr& entry, std::uint64_t size, const TailEntryPtr& original, Time now);
  bool waits_for_copy(TailEntry& entry, std::uint64_t size, Time now) const;

  TailEntryPtr at_path(const std::string& path) const;
  TailEntryPtr add(TailPlace place, Time now);
  void remove(const TailEntryPtr& entry);
  void queue(const TailEntryPtr& entry);
  const std::vector<std::string>& names_in(const std::string& folder);

  TailOptions options_;
  PatternWatch watch_;
  OpenFiles open_files_;
  std::unordered_map<FileId, TailPlace, IdHash> known_;  // not matched to a file yet; after the first look those that may not be read at present
  std::vector<TailEntryPtr> entries_;
  std::unordered_map<FileId, TailEntryPtr, IdHash> by_id_;
  std::unordered_map<std::string, TailEntryPtr> by_path_;  // those that stand under their path
  std::deque<TailEntryPtr> queue_;                         // to be read
  std::vector<Left> left_;                                 // by this look
  std::vector<CutOff> cut_off_;                            // of late: a copy of what was there may turn up
  std::map<std::string, std::vector<std::string>> listings_;  // of this look, sorted
  std::set<std::string, std::less<>> unreadable_;             // said so once; tried again at every look
  bool first_look_ = true;
  std::uint64_t changes_ = 0;
  std::uint64_t skipped_ = 0;
};

}  // namespace penstock::agent
