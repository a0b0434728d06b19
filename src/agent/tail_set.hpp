// The files that the agent follows: found by globs, known again by inode, rotated or cut off without losing a line.
#pragma once

#include <functional>
#include <list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/tailed_file.hpp"

namespace penstock::agent {

struct TailOptions {
  std::vector<std::string> globs;
  bool from_start = false;  // files that are there at the first look and not known: from their beginning, else from their end
  std::chrono::milliseconds rotated{60'000};  // a rotated file is let go when it has not grown for so long: quiet writers keep it open
  std::size_t most_rotated = 256;             // open at once; of more, those read to their end that were quiet for longest are let go
  TailedFile::Limits limits;
};

// One thread.
class TailSet {
 public:
  // A line of a file. False: enough for now.
  using LineSink = std::function<bool(const std::string& path, std::string_view line)>;

  // `known`: places from earlier runs; a file found again goes on from there, under its path or, when it was rotated meanwhile, beside it.
  TailSet(TailOptions options, std::vector<TailPlace> known);

  // Looks for new and rotated files, then reads what they have. True when a file may have more.
  bool read(TailedFile::Time now, const LineSink& line);
  // While lines must wait: files that were deleted meanwhile still take disk. When it is more than this, the oldest of them are let go.
  void let_go_of_unlinked(std::uint64_t at_most);
  // Where all files stand, those included that could not be opened again.
  std::vector<TailPlace> places() const;

 private:
  void discover(TailedFile::Time now);
  void open_found(const std::string& path, TailedFile::Time now);
  void resume_rotated(TailedFile::Time now);
  void let_go_of_quiet(TailedFile::Time now);
  bool known_again(const Descriptor& file, const TailPlace& place) const;

  TailOptions options_;
  std::vector<TailPlace> known_;  // not matched to a file yet; after the first look those that may not be read at present
  std::list<TailedFile> files_;
  std::set<std::string, std::less<>> unreadable_;  // said so once; tried again at every look
  bool first_look_ = true;
};

// As text, one place a line, and back (bad lines are left out).
std::string format_places(const std::vector<TailPlace>& places);
std::vector<TailPlace> parse_places(std::string_view text);

}  // namespace penstock::agent
