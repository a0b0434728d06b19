#include "journal/intake.hpp"

namespace penstock::journal {
namespace {

constexpr std::size_t kQueueLength = 8192;
constexpr std::size_t kSubmissionOverhead = 128;  // a slot of the queue, a batch header in the frame

}  // namespace

Intake::Intake(JournalState& state) : state_(state), queue_(kQueueLength) {}

std::size_t Intake::cost(std::size_t batch_bytes) { return batch_bytes + kSubmissionOverhead; }

Result<void> Intake::admit(std::size_t pending) const {
  if (closed_.load()) return Error{ErrorCode::draining, "The server is shutting down: send this again in a moment.", ""};
  if (refusing()) {
    const auto code = static_cast<ErrorCode>(state_.refuse.load(std::memory_order_relaxed) - 1);
    return Error{code, "The journal cannot write to its disk now: send this again later.", ""};
  }
  if (pending > state_.options.queue_bytes) {
    return Error{ErrorCode::overloaded, "Too much is waiting to be written: send this again in a moment.", ""};
  }
  if (!state_.room.admits(pending)) {
    state_.turned_away.store(true, std::memory_order_relaxed);
    return Error{ErrorCode::storage_full, "The journal has no room left on its disk: send this again later.", ""};
  }
  return {};
}

Result<void> Intake::submit(Submission&& submission) {
  const std::size_t size = cost(submission.batch.size());
  if (size > state_.options.queue_bytes) {
    return Error{ErrorCode::too_large, "This request is larger than the journal's queue: send it in parts.", ""};
  }
  if (!state_.room.could_admit(size)) {
    return Error{ErrorCode::too_large, "This request is larger than the journal may ever be: send it in parts.", ""};
  }
  // Reserving comes before looking at closed_: whoever was not refused is seen by a writer that waits for idle() after close().
  const std::size_t pending = state_.pending_bytes.fetch_add(size) + size;
  auto admitted = admit(pending);
  if (admitted && !queue_.push(std::move(submission))) {
    admitted = Error{ErrorCode::overloaded, "Too many requests wait to be written: send this again in a moment.", ""};
  }
  if (!admitted) {
    release(size);
    if (!closed_.load()) return admitted;
  }
  signal_.notify();
  return admitted;
}

void Intake::close() {
  closed_.store(true);
  signal_.notify();
}

void Intake::refuse(std::optional<ErrorCode> code) {
  state_.refuse.store(code ? static_cast<int>(*code) + 1 : 0, std::memory_order_relaxed);
}

void Intake::release(std::size_t bytes) { state_.pending_bytes.fetch_sub(bytes); }

}  // namespace penstock::journal
