// A connection for who asks now and then. Of this room's insides.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "postgres/options.hpp"
#include "postgres/pq_connection.hpp"

namespace penstock::postgres {

// Opened when first needed, and anew after it broke. One thread at a time.
class KeptConnection {
 public:
  using Fresh = std::function<void(PqConnection&)>;

  // `fresh` is called with each connection that was opened, to set what it is to keep to.
  explicit KeptConnection(ConnectionOptions options, Fresh fresh = {}) : options_(std::move(options)), fresh_(std::move(fresh)) {}

  // Errors of PqConnection::open().
  Result<PqConnection*> open() {
    if (connection_ && connection_->broken()) connection_.reset();
    if (!connection_) {
      auto opened = PqConnection::open(options_);
      if (!opened) return opened.error();
      connection_ = *std::move(opened);
      if (fresh_) fresh_(*connection_);
    }
    return connection_.get();
  }
  // After a failure that leaves it in doubt: the next open() opens another.
  void drop() { connection_.reset(); }

 private:
  const ConnectionOptions options_;
  const Fresh fresh_;
  std::unique_ptr<PqConnection> connection_;
};

}  // namespace penstock::postgres
