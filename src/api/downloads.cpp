#include "api/downloads.hpp"

#include <algorithm>
#include <utility>

namespace penstock::api {

// A thread that was given up has a moment to end in which the next one waits for it.
Downloads::Downloads(std::size_t places) : places_(places), pool_("download", places, places) {}

bool Downloads::begin(const std::shared_ptr<http::BytePipe>& pipe, std::function<void()> produce) {
  const std::lock_guard lock(mutex_);
  if (!find_place()) return false;
  auto job = [this, pipe, produce = std::move(produce)] {
    produce();
    end(pipe.get());
  };
  if (!pool_.submit(std::move(job))) return false;
  under_way_.push_back(pipe);
  return true;
}

bool Downloads::find_place() {
  if (under_way_.size() < places_) return true;
  const auto slow = std::find_if(under_way_.begin(), under_way_.end(), [](const auto& pipe) { return pipe->crawls(); });
  if (slow == under_way_.end()) return false;
  (*slow)->abandon();
  under_way_.erase(slow);
  return true;
}

void Downloads::end(const http::BytePipe* pipe) {
  const std::lock_guard lock(mutex_);
  std::erase_if(under_way_, [pipe](const auto& other) { return other.get() == pipe; });
}

}  // namespace penstock::api
