// Reads the records of a journal's files in order without opening the journal: nothing is locked, changed or put aside.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "journal/segment_format.hpp"
#include "penstock/core/frame.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/file_system.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::journal {

struct WalkedFrame {
  const std::string& file;
  std::uint64_t offset = 0;
  const FrameHeader& header;
  const Frame& frame;
};

struct Visitor {
  std::function<Result<void>(const WalkedFrame&)> frame;        // an error ends the walk, which returns it
  std::function<void(Sequence from, Sequence to)> lost;         // records [from, to) are damaged; the walk goes on
};

// Frames that hold any record of [from, to). A server may be writing: frames it adds later are not seen, and what follows the last
// whole frame (never acknowledged) counts neither as a frame nor as lost. One thread.
Result<void> walk(FileSystem& files, const std::string& directory, Sealer& sealer, Sequence from, Sequence to,
                  const Visitor& visitor);

}  // namespace penstock::journal
