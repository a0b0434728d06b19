// A server that answers what the test told it to, and remembers what it was sent.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "agent/transport.hpp"

namespace penstock::test {

// Thread-safe. Like a real server, it stores a body once for each idempotency key.
class FakeTransport : public agent::Transport {
 public:
  struct Request {
    std::string path, content_type, key, body;
  };

  // The next answers, in order; after them every posting is accepted.
  void answer(int status, std::string body = {}, std::optional<std::chrono::seconds> retry_after = std::nullopt) {
    const std::lock_guard lock(mutex_);
    answers_.push_back(agent::Reply{status, std::move(body), retry_after});
  }
  void fail(std::string reason) {
    const std::lock_guard lock(mutex_);
    answers_.push_back(Error{ErrorCode::io_error, std::move(reason), ""});
  }
  // Until the next call, everything fails as if nobody listened.
  void set_down(bool down) {
    const std::lock_guard lock(mutex_);
    down_ = down;
  }

  Result<agent::Reply> post(const agent::Posting& posting) override {
    const std::lock_guard lock(mutex_);
    requests.push_back({std::string(posting.path), std::string(posting.content_type), std::string(posting.idempotency_key),
                        std::string(posting.body)});
    if (down_) return Error{ErrorCode::io_error, "connection refused", ""};
    if (!answers_.empty()) {
      Result<agent::Reply> next = std::move(answers_.front());
      answers_.pop_front();
      if (!next || next->status >= 300) return next;
      store(requests.back());
      return next;
    }
    store(requests.back());
    return agent::Reply{200, {}, std::nullopt};
  }

  std::size_t stored_bytes() {
    const std::lock_guard lock(mutex_);
    return stored.size();
  }

  std::vector<Request> requests;
  std::string stored;  // bodies of accepted postings, one after the other

 private:
  void store(const Request& request) {
    if (keys_[request.key]++ == 0) stored += request.body;
  }

  std::mutex mutex_;
  std::deque<Result<agent::Reply>> answers_;
  std::map<std::string, int> keys_;
  bool down_ = false;
};

}  // namespace penstock::test
