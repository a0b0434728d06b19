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
#include <mutex>
#include <type_traits>
#include <utility>

namespace penstock::http {

class WakeList;

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

// What fired and waits for its context: a stack (Treiber, 1986; taken whole, so no node can come back while it is
// looked at). Signals outlive their context when a producer thread ends late; from then on a notify does nothing.
class WakeList {
 public:
  // `state` is kept by its own `self` until it is released, and by the caller for the time of the call.
  void push(Signal::State* state);
  void drain() { release(taken_oldest_first(), true); }
  void close();

 private:
  Signal::State* taken_oldest_first();
  static void release(Signal::State* list, bool fire);

  std::atomic<Signal::State*> head_{nullptr};
  std::mutex context_mutex_;  // held around a post, so that the context cannot end under it
  bool closed_ = false;
};

// One a context.
class WakeQueue : public boost::asio::execution_context::service {
 public:
  static inline boost::asio::execution_context::id id;

  explicit WakeQueue(boost::asio::execution_context& context) : service(context), list_(std::make_shared<WakeList>()) {}
  const std::shared_ptr<WakeList>& list() const { return list_; }

 private:
  void shutdown() override { list_->close(); }

  const std::shared_ptr<WakeList> list_;
};

struct Signal::State {
  explicit State(boost::asio::any_io_executor e)
      : executor(std::move(e)),
        list(boost::asio::use_service<WakeQueue>(boost::asio::query(executor,
                                                                    boost::asio::execution::context)).list()) {}

  void fire() {
    signaled = true;
    if (!waiter) return;
    const std::unique_ptr<Waiter> resumed = std::move(waiter);
    resumed->resume();
  }

  const boost::asio::any_io_executor executor;
  const std::shared_ptr<WakeList> list;
  std::atomic<bool> queued{false};
  std::shared_ptr<State> self;  // keeps a queued state alive; written by who set `queued`
  State* next = nullptr;        // in the list
  // The rest belongs to the executor's thread.
  bool signaled = false;
  std::unique_ptr<Waiter> waiter;
};

void WakeList::push(Signal::State* state) {
  Signal::State* head = head_.load(std::memory_order_relaxed);
  do {
    state->next = head;
  } while (!head_.compare_exchange_weak(head, state, std::memory_order_acq_rel, std::memory_order_relaxed));
  if (head != nullptr) return;  // who pushed first posts for all
  {
    const std::lock_guard lock(context_mutex_);
    if (!closed_) {
      boost::asio::post(state->executor, [list = state->list] { list->drain(); });
      return;
    }
  }
  release(taken_oldest_first(), false);
}

void WakeList::close() {
  {
    const std::lock_guard lock(context_mutex_);
    closed_ = true;
  }
  release(taken_oldest_first(), false);
}

Signal::State* WakeList::taken_oldest_first() {
  Signal::State* taken = head_.exchange(nullptr, std::memory_order_acq_rel);
  Signal::State* oldest_first = nullptr;
  while (taken != nullptr) {
    Signal::State* next = std::exchange(taken->next, oldest_first);
    oldest_first = std::exchange(taken, next);
  }
  return oldest_first;
}

void WakeList::release(Signal::State* list, bool fire) {
  while (list != nullptr) {
    Signal::State* next = list->next;
    const std::shared_ptr<Signal::State> state = std::move(list->self);
    state->queued.store(false, std::memory_order_release);
    if (fire) state->fire();
    list = next;
  }
}

Signal::Signal(boost::asio::any_io_executor executor) : state_(std::make_shared<State>(std::move(executor))) {}

void Signal::notify() const {
  if (state_->queued.exchange(true, std::memory_order_acq_rel)) return;
  state_->self = state_;
  state_->list->push(state_.get());
}

boost::asio::awaitable<void> Signal::wait() const { return wait_on(state_); }

boost::asio::awaitable<void> Signal::wait_on(std::shared_ptr<State> state) {
  if (!state->signaled) {
    co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void()>(
        [](auto handler, State* waiting) {
          using Given = std::decay_t<decltype(handler)>;
          waiting->waiter = std::make_unique<HandlerWaiter<Given>>(std::move(handler), waiting->executor);
        },
        boost::asio::use_awaitable, state.get());
  }
  state->signaled = false;
}

}  // namespace penstock::http
