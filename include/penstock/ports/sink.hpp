// A destination for durable records. The pump (src/sinks) drives it on one thread of its own and keeps its pace.
#pragma once

#include <string_view>

#include "penstock/core/frame.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/destination_writers.hpp"
#include "penstock/ports/journal.hpp"

namespace penstock {

class Sink {
 public:
  virtual ~Sink() = default;
  virtual std::string_view name() const = 0;  // "postgres"
  // Whether records wait for it for as long as it takes, or only a stated number of bytes.
  virtual CursorPolicy policy() const { return {}; }
  // Where to start reading: the first sequence not yet delivered. May fail while the destination is away; asked again with back-off.
  virtual Result<Sequence> resume_position() = 0;
  // As of the first resume_position() that succeeded.
  virtual DestinationWriters writers() const { return {}; }
  // Takes the next frame. May only gather it; unavailable means: give me the same frame again later.
  virtual Result<void> consume(const FramePtr& frame) = 0;
  // Called when there is no frame to consume, and at least every second: the sink flushes what is due.
  // `draining` asks to deliver everything gathered now.
  virtual Result<void> idle(bool draining) = 0;
  // First sequence not yet safely delivered; segments below it may go.
  virtual Sequence delivered() const = 0;
  // Forgets all that was gathered but not delivered; the pump reads again from resume_position().
  virtual void reset() = 0;
};

}  // namespace penstock
