#include "http/signal.hpp"

#include <atomic>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <type_traits>
#include <utility>

namespace penstock::http {

class WakeQueue;

namespace {

// A suspended coroutine, whatever its handler's type.
class Waiter {
 public:
  virtual ~Waiter() = default;
  virtual void resume() = 0;
};

template <class Handler>
class HandlerWaiter final : public Waiter {
 public:
  HandlerWaiter(Handler handler, const boost::asio::any_io_executor& executor)
      : handler_(std::move(handler)),
        // The context must not run out of work while somebody waits on it.
        work_(boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked)) {}
  void resume() override {
    Handler handler = std::move(handler_);
    handler();
  }

 private:
  Handler handler_;
  boost::asio::any_io_executor work_;
};

}  // namespace

struct Signal::State : std::enable_shared_from_this<Signal::State> {
  explicit State(boost::asio::any_io_executor e);
  void fire();

  boost::asio::any_io_executor executor;
  WakeQueue& queue;
  std::atomic<bool> queued{false};
  std::shared_ptr<State> self;  // keeps a queued state alive; written by who set `queued`
  State* next = nullptr;        // in the queue
  // The rest belongs to the executor's thread.
  bool signaled = false;
  std::unique_ptr<Waiter> waiter;
};

// One a context: a stack of signals that fired (Treiber, 1986; taken whole, so no node can come back while it is looked
// at).
class WakeQueue : public boost::asio::execution_context::service {
 public:
  static inline boost::asio::execution_context::id id;

  explicit WakeQueue(boost::asio::execution_context& context) : service(context) {}

  void push(Signal::State* state, const boost::asio::any_io_executor& executor) {
    Signal::State* head = head_.load(std::memory_order_relaxed);
    do {
      state->next = head;
    } while (!head_.compare_exchange_weak(head, state, std::memory_order_acq_rel, std::memory_order_relaxed));
    if (head == nullptr) boost::asio::post(executor, [this] { drain(); });
  }

 private:
  void shutdown() override { release(head_.exchange(nullptr, std::memory_order_acq_rel), false); }

  void drain() {
    Signal::State* taken = head_.exchange(nullptr, std::memory_order_acq_rel);
    Signal::State* oldest_first = nullptr;
    while (taken != nullptr) {
      Signal::State* next = std::exchange(taken->next, oldest_first);
      oldest_first = std::exchange(taken, next);
    }
    release(oldest_first, true);
  }

  static void release(Signal::State* list, bool fire) {
    while (list != nullptr) {
      Signal::State* next = list->next;
      const std::shared_ptr<Signal::State> state = std::move(list->self);
      state->queued.store(false, std::memory_order_release);
      if (fire) state->fire();
      list = next;
    }
  }

  std::atomic<Signal::State*> head_{nullptr};
};

Signal::State::State(boost::asio::any_io_executor e)
    : executor(std::move(e)),
      queue(boost::asio::use_service<WakeQueue>(boost::asio::query(executor, boost::asio::execution::context))) {}

void Signal::State::fire() {
  signaled = true;
  if (!waiter) return;
  const std::unique_ptr<Waiter> resumed = std::move(waiter);
  resumed->resume();
}

Signal::Signal(boost::asio::any_io_executor executor) : state_(std::make_shared<State>(std::move(executor))) {}

void Signal::notify() const {
  if (state_->queued.exchange(true, std::memory_order_acq_rel)) return;
  state_->self = state_;
  state_->queue.push(state_.get(), state_->executor);
}

boost::asio::awaitable<void> Signal::wait() const { return wait_on(state_); }

boost::asio::awaitable<void> Signal::wait_on(std::shared_ptr<State> state) {
  if (!state->signaled) {
    co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void()>(
        [](auto handler, State* waiting) {
          using Handler = std::decay_t<decltype(handler)>;
          waiting->waiter = std::make_unique<HandlerWaiter<Handler>>(std::move(handler), waiting->executor);
        },
        boost::asio::use_awaitable, state.get());
  }
  state->signaled = false;
}

}  // namespace penstock::http
