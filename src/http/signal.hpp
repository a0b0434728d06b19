// A wake-up from any thread for one coroutine. Wake-ups are gathered: however many signals fire for one io_context
// before it gets to run, they cost one post.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>

namespace penstock::http {

// Auto-reset: a notify before the wait is kept, several before it count as one. A handle to shared state: copy it
// freely.
class Signal {
 public:
  explicit Signal(boost::asio::any_io_executor executor);

  // Any thread; never waits for the waiter. Does nothing once the waiter or its io_context is gone.
  void notify() const;
  // One waiter at a time, on the executor's (single) thread.
  boost::asio::awaitable<void> wait() const;

 private:
  friend class WakeList;
  struct State;
  static boost::asio::awaitable<void> wait_on(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace penstock::http
