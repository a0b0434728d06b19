// How far this very data folder has delivered, kept in the folder. The destination's own position cannot tell: two servers on copies of one
// folder move the same one, and what the other delivered must not be taken for ours.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "journal/cursor_file.hpp"
#include "penstock/core/ids.hpp"
#include "penstock/ports/destination_writers.hpp"
#include "penstock/ports/file_system.hpp"
#include "penstock/ports/journal.hpp"

namespace penstock::sinks {

// Cursor files of the journal's folder: the end of what was delivered, who delivered it, and since when the destination was not met. One thread;
// the file system must outlive it.
class DeliveryMark {
 public:
  // `directory` is the journal's, which is open. Without files (of a new folder, or one of an earlier build) they are made.
  DeliveryMark(FileSystem& files, const std::string& directory, const std::string& sink, const Journal& journal);

  // The first sequence that this folder cannot have delivered: nothing from there on is at the destination, whatever its position says.
  // When its last writer was ours, that is what the journal had at the first start since we met it: we may have ended before we could note it.
  Sequence known_end(const DestinationWriters& writers) const;
  // The destination has all of ours below `end`, by this process. Best effort: after an error the folder knows less than it could, and in
  // the worst case delivers records twice that another copy of it has displaced.
  void note(std::int64_t writer, Sequence end);

 private:
  Sequence opened_at_;  // the journal's end, at the first start since the destination was met
  std::optional<journal::CursorFile> end_, writer_, unmet_;  // unmet_: opened_at_; 0: it was met
  bool told_ = false;
};

}  // namespace penstock::sinks
