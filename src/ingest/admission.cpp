#include "ingest/admission.hpp"

#include <utility>

namespace penstock::ingest {

Admission::Admission(std::function<std::optional<Error>()> storage) : storage_(std::move(storage)) {}

void Admission::drain() { draining_.store(true, std::memory_order_relaxed); }

Result<void> Admission::check() const {
  if (draining_.load(std::memory_order_relaxed)) {
    return Error{ErrorCode::draining, "This server is stopping: send again in a moment, or to another one.", ""};
  }
  if (std::optional<Error> error = storage_()) return std::move(*error);
  return {};
}

}  // namespace penstock::ingest
