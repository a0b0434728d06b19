// Blocking work for a coroutine: it runs on a worker pool, and the answer comes back to the io thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/worker_pool.hpp"
#include "http/completion.hpp"
#include "penstock/core/result.hpp"

namespace penstock::http {

template <class R>
struct OffloadAnswer {
  using type = Result<R>;
};
template <class R>
struct OffloadAnswer<Result<R>> {
  using type = Result<R>;
};

// Result<R> for work that returns R or Result<R>: overloaded when the pool's queue is full (the work did not run),
// internal when it threw. The pool must outlive the work. `work` is called once; what it captures must be safe on
// another thread.
template <class F>
boost::asio::awaitable<typename OffloadAnswer<std::invoke_result_t<F&>>::type> offload(WorkerPool& pool, F work) {
  using Answer = typename OffloadAnswer<std::invoke_result_t<F&>>::type;
  boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  Completion<Answer> done(executor);
  auto task = std::make_shared<F>(std::move(work));
  const bool taken = pool.submit([task = std::move(task), done]() mutable {
    std::optional<Answer> answer;
    try {
      if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
        (*task)();
        answer.emplace();
      } else {
        answer.emplace((*task)());
      }
    } catch (const std::exception& error) {
      answer.emplace(Error{ErrorCode::internal, error.what(), ""});
    }
    task.reset();
    done.fulfil(std::move(*answer));
  });
  if (!taken) {
    co_return Answer(Error{ErrorCode::overloaded, "Too much work is waiting already; try again in a moment.", ""});
  }
  Answer answer = co_await done.wait();
  co_return answer;
}

}  // namespace penstock::http
