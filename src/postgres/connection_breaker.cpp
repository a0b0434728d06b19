#include "postgres/connection_breaker.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace penstock::postgres {

ConnectionBreaker::Guard::Guard(ConnectionBreaker& breaker, int socket) : breaker_(&breaker) {
  // Without a descriptor to spare the connection cannot be broken, but works.
  socket_ = fcntl(socket, F_DUPFD_CLOEXEC, 0);
  if (socket_ < 0) return;
  const std::lock_guard lock(breaker.mutex_);
  breaker.sockets_.insert(socket_);
  if (breaker.given_up_) shutdown(socket_, SHUT_RDWR);
}

ConnectionBreaker::Guard::Guard(Guard&& other) noexcept
    : breaker_(std::exchange(other.breaker_, nullptr)), socket_(std::exchange(other.socket_, -1)) {}

ConnectionBreaker::Guard& ConnectionBreaker::Guard::operator=(Guard&& other) noexcept {
  std::swap(breaker_, other.breaker_);
  std::swap(socket_, other.socket_);
  return *this;
}

ConnectionBreaker::Guard::~Guard() {
  if (socket_ < 0) return;
  const std::lock_guard lock(breaker_->mutex_);
  breaker_->sockets_.erase(socket_);
  close(socket_);
}

void ConnectionBreaker::give_up() {
  const std::lock_guard lock(mutex_);
  given_up_ = true;
  for (const int socket : sockets_) shutdown(socket, SHUT_RDWR);
}

bool ConnectionBreaker::given_up() const {
  const std::lock_guard lock(mutex_);
  return given_up_;
}

}  // namespace penstock::postgres
