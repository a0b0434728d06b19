// Which of the followed files are open: never more than the process can afford.
#pragma once

#include <cstddef>
#include <list>

#include "agent/tail_entry.hpp"

namespace penstock::agent {

// One thread. Files that were not read for longest are closed first; a closed one is found again under the name it had then.
class OpenFiles {
 public:
  enum class Opened { yes, unreadable, elsewhere, no_descriptor };  // elsewhere: another file, or none, stands at its location

  // 0: what the limit of descriptors leaves when the rest of the agent has its share.
  explicit OpenFiles(std::size_t most);
  OpenFiles(const OpenFiles&) = delete;
  OpenFiles& operator=(const OpenFiles&) = delete;

  // Opens it if it is not, and counts it as used. The next two calls do not close it.
  Opened open(TailEntry& entry);
  void close(TailEntry& entry);
  // The open file of the one is the other's from now on.
  void hand_over(TailEntry& from, TailEntry& to);
  std::size_t size() const { return open_.size(); }

 private:
  bool close_oldest(const TailEntry& except);

  std::size_t most_;
  std::list<TailEntry*> open_;  // the one used last comes last
};

}  // namespace penstock::agent
