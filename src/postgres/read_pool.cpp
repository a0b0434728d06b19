#include "postgres/read_pool.hpp"

#include "postgres/pulse.hpp"

#include <algorithm>

namespace penstock::postgres {

ReadPool::Lease::~Lease() {
  if (connection_) pool_->give_back(std::move(connection_), true);
}

void ReadPool::Lease::discard() { pool_->give_back(std::move(connection_), false); }

Result<ReadPool::Lease> ReadPool::take() {
  const auto& pulse = options_.connection.pulse;
  if (pulse && pulse->away()) {
    close_idle();
    if (const auto problem = pulse->problem()) return *problem;
  }
  std::unique_lock lock(mutex_);
  const bool free =
      freed_.wait_for(lock, options_.read_wait, [&] { return !idle_.empty() || open_ < options_.read_connections; });
  if (!free) {
    return Error{ErrorCode::overloaded, "All read connections to the database are in use: ask again in a moment.", ""};
  }
  if (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return Lease(*this, std::move(connection));
  }
  // Connecting may take seconds when the database is away: not every query should wait for that.
  if (failure_ && !(pulse && pulse->looking()) && (trying_ || std::chrono::steady_clock::now() < retry_at_)) return *failure_;
  trying_ = true;
  ++open_;
  lock.unlock();
  auto opened = PqConnection::open(options_.connection);
  lock.lock();
  trying_ = false;
  if (!opened) {
    --open_;
    failed(opened.error());
    freed_.notify_one();
    return opened.error();
  }
  failure_.reset();
  pause_ = std::chrono::milliseconds(0);
  (*opened)->set_answer_timeout(options_.read_answer);
  (*opened)->give_up_with(pulse);
  return Lease(*this, *std::move(opened));
}

void ReadPool::failed(const Error& error) {
  failure_ = error;
  pause_ = std::clamp(pause_ * 2, options_.retry_after_failure, options_.retry_at_most);
  retry_at_ = std::chrono::steady_clock::now() + pause_;
}

void ReadPool::note_silence(const Error& error) {
  std::lock_guard lock(mutex_);
  open_ -= idle_.size();  // they lead to the same silence
  idle_.clear();
  failed(error);
}

void ReadPool::give_back(std::unique_ptr<PqConnection> connection, bool reusable) {
  {
    std::lock_guard lock(mutex_);
    if (!reusable || connection->broken()) {
      --open_;
    } else {
      idle_.push_back(std::move(connection));
    }
  }
  freed_.notify_one();
}

void ReadPool::close_idle() {
  std::lock_guard lock(mutex_);
  open_ -= idle_.size();
  idle_.clear();
}

}  // namespace penstock::postgres
