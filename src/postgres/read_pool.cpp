#include "postgres/read_pool.hpp"

namespace penstock::postgres {

ReadPool::Lease::~Lease() {
  if (connection_) pool_->give_back(std::move(connection_), true);
}

void ReadPool::Lease::discard() { pool_->give_back(std::move(connection_), false); }

Result<ReadPool::Lease> ReadPool::take() {
  std::unique_lock lock(mutex_);
  const bool free = freed_.wait_for(lock, options_.read_wait, [&] { return !idle_.empty() || open_ < options_.read_connections; });
  if (!free) {
    return Error{ErrorCode::overloaded, "All read connections to the database are in use: ask again in a moment.", ""};
  }
  if (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return Lease(*this, std::move(connection));
  }
  // Connecting may take seconds when the database is away: not every query should wait for that.
  const auto now = std::chrono::steady_clock::now();
  if (failure_ && now - failed_at_ < options_.retry_after_failure) return *failure_;
  ++open_;
  lock.unlock();
  auto opened = PqConnection::open(options_.connection);
  lock.lock();
  if (!opened) {
    --open_;
    failure_ = opened.error();
    failed_at_ = std::chrono::steady_clock::now();
    freed_.notify_one();
    return opened.error();
  }
  failure_.reset();
  return Lease(*this, *std::move(opened));
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
