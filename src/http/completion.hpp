// A value that another thread will give to one waiting coroutine: used to wait for the journal's `done`.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "http/signal.hpp"

namespace penstock::http {

// A handle to shared state: copy it into the callback. One fulfil(), one wait().
//
//   Completion<Result<Sequence>> stored(co_await boost::asio::this_coro::executor);
//   submission.done = [stored](Result<Sequence> sequence) { stored.fulfil(std::move(sequence)); };
//   …submit…
//   Result<Sequence> sequence = co_await stored.wait();
template <class T>
class Completion {
 public:
  explicit Completion(boost::asio::any_io_executor executor) : state_(std::make_shared<State>(std::move(executor))) {}

  // Any thread, exactly once.
  void fulfil(T value) const {
    state_->value.emplace(std::move(value));
    state_->ready.notify();
  }

  // On the executor's thread, at most once.
  boost::asio::awaitable<T> wait() const { return wait_on(state_); }

 private:
  struct State {
    explicit State(boost::asio::any_io_executor executor) : ready(std::move(executor)) {}
    Signal ready;
    std::optional<T> value;
  };

  static boost::asio::awaitable<T> wait_on(std::shared_ptr<State> state) {
    co_await state->ready.wait();
    co_return std::move(*state->value);
  }

  std::shared_ptr<State> state_;
};

}  // namespace penstock::http
