// Wake-ups between threads: signals, completions, offloaded work, pipes.
#include "http/signal.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <thread>

#include "http/byte_pipe.hpp"
#include "http/completion.hpp"
#include "http/offload.hpp"

namespace penstock::http {
namespace {

using boost::asio::awaitable;

awaitable<void> count_wakes(Signal signal, int* wakes) {
  co_await signal.wait();
  ++*wakes;
}

TEST(Signal, ANotifyBeforeTheWaitIsKept) {
  boost::asio::io_context context;
  Signal signal(context.get_executor());
  signal.notify();
  signal.notify();
  int wakes = 0;
  boost::asio::co_spawn(context, count_wakes(signal, &wakes), boost::asio::detached);
  context.run();
  EXPECT_EQ(wakes, 1);
}

TEST(Signal, ManyWakesOfOneContextCostOneHandler) {
  boost::asio::io_context context;
  std::vector<Signal> signals;
  int wakes = 0;
  for (int i = 0; i < 100; ++i) {
    signals.emplace_back(context.get_executor());
    boost::asio::co_spawn(context, count_wakes(signals.back(), &wakes), boost::asio::detached);
  }
  context.poll();
  for (const Signal& signal : signals) signal.notify();
  EXPECT_EQ(context.poll_one(), 1U);
  EXPECT_EQ(wakes, 100);
}

TEST(Signal, ASignalThatFiredWhenItsContextEndsIsReleased) {
  auto context = std::make_unique<boost::asio::io_context>();
  Signal signal(context->get_executor());
  signal.notify();
  context.reset();
  signal.notify();
}

awaitable<void> sum_completions(std::vector<Completion<int>> completions, int* sum) {
  for (const Completion<int>& completion : completions) {
    const int value = co_await completion.wait();
    *sum += value;
  }
}

TEST(Completion, ValuesArriveFromManyThreads) {
  boost::asio::io_context context;
  std::vector<Completion<int>> completions;
  for (int i = 0; i < 1000; ++i) completions.emplace_back(context.get_executor());
  int sum = 0;
  boost::asio::co_spawn(context, sum_completions(completions, &sum), boost::asio::detached);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = t; i < 1000; i += 4) completions[static_cast<std::size_t>(i)].fulfil(i);
    });
  }
  context.run();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sum, 499'500);
}

struct Offloaded {
  std::optional<Result<int>> value, failed, thrown, refused;
  std::optional<Result<void>> nothing;
  std::thread::id worker, waiter;
};

awaitable<void> offload_all(WorkerPool* pool, Offloaded* out) {
  out->value = co_await offload(*pool, [out] {
    out->worker = std::this_thread::get_id();
    return 7;
  });
  out->waiter = std::this_thread::get_id();
  out->failed = co_await offload(*pool, [] { return Result<int>(Error{ErrorCode::not_found, "no", ""}); });
  out->thrown = co_await offload(*pool, []() -> int { throw std::runtime_error("oh"); });
  out->nothing = co_await offload(*pool, [] {});
}

awaitable<void> offload_one(WorkerPool* pool, Offloaded* out) {
  out->refused = co_await offload(*pool, [] { return 1; });
}

TEST(Offload, WorkRunsElsewhereAndItsAnswerComesBack) {
  boost::asio::io_context context;
  WorkerPool pool("offload", 1, 4);
  Offloaded out;
  boost::asio::co_spawn(context, offload_all(&pool, &out), boost::asio::detached);
  context.run();
  EXPECT_EQ(out.value->value(), 7);
  EXPECT_NE(out.worker, out.waiter);
  EXPECT_EQ(out.waiter, std::this_thread::get_id());
  EXPECT_EQ(out.failed->error().code, ErrorCode::not_found);
  EXPECT_EQ(out.thrown->error().code, ErrorCode::internal);
  EXPECT_TRUE(out.nothing->has_value());
}

TEST(Offload, AFullPoolIsOverload) {
  boost::asio::io_context context;
  std::promise<void> started, blocked;
  WorkerPool pool("offload", 1, 0);
  while (!pool.submit([&] { started.set_value(); blocked.get_future().wait(); })) std::this_thread::yield();
  started.get_future().wait();
  Offloaded out;
  boost::asio::co_spawn(context, offload_one(&pool, &out), boost::asio::detached);
  context.run();
  blocked.set_value();
  ASSERT_TRUE(out.refused);
  EXPECT_EQ(out.refused->error().code, ErrorCode::overloaded);
}

awaitable<void> read_all(std::unique_ptr<BodyStream> stream, std::string* out, std::size_t* largest, bool* threw) {
  try {
    for (;;) {
      std::optional<std::string> piece = co_await stream->next();
      if (!piece) break;
      *largest = std::max(*largest, piece->size());
      *out += *piece;
    }
  } catch (const std::exception&) {
    *threw = true;
  }
}

TEST(BytePipe, EverythingArrivesInOrderAndNeverMoreThanTheBoundWaits) {
  boost::asio::io_context context;
  const auto pipe = BytePipe::create(context.get_executor(), 1000);
  std::string got, sent;
  std::size_t largest = 0;
  bool threw = false;
  boost::asio::co_spawn(context, read_all(pipe->stream(), &got, &largest, &threw), boost::asio::detached);
  std::thread producer([&] {
    for (int i = 0; i < 5000; ++i) {
      const std::string piece = std::to_string(i) + ",";
      sent += piece;
      ASSERT_TRUE(pipe->write(piece));
    }
    pipe->close();
  });
  context.run();
  producer.join();
  EXPECT_EQ(got, sent);
  EXPECT_LE(largest, 1000U);
  EXPECT_FALSE(threw);
  EXPECT_FALSE(pipe->write("late"));
}

TEST(BytePipe, AWriterMayAllowItselfLessThanThePipeHolds) {
  boost::asio::io_context context;
  const auto pipe = BytePipe::create(context.get_executor(), 100);
  const auto stream = pipe->stream();
  EXPECT_TRUE(pipe->try_write(std::string(20, 'a'), 10)) << "one piece passes alone";
  EXPECT_FALSE(pipe->try_write("b", 20));
  EXPECT_TRUE(pipe->try_write("c", 21));
  EXPECT_TRUE(pipe->try_write(std::string(79, 'd')));
  EXPECT_FALSE(pipe->try_write("e"));
}

TEST(BytePipe, TryWriteDoesNotWaitAndAPieceTooLargePassesAlone) {
  boost::asio::io_context context;
  const auto pipe = BytePipe::create(context.get_executor(), 10);
  EXPECT_TRUE(pipe->try_write(std::string(50, 'a')));
  EXPECT_FALSE(pipe->try_write("b"));
  pipe->close();
  std::string got;
  std::size_t largest = 0;
  bool threw = false;
  boost::asio::co_spawn(context, read_all(pipe->stream(), &got, &largest, &threw), boost::asio::detached);
  context.run();
  EXPECT_EQ(got, std::string(50, 'a'));
}

TEST(BytePipe, AWriterThatWaitsIsToldWhenTheReaderGoes) {
  boost::asio::io_context context;
  const auto pipe = BytePipe::create(context.get_executor(), 10);
  auto stream = pipe->stream();
  ASSERT_TRUE(pipe->write(std::string(10, 'a')));
  std::future<bool> second = std::async(std::launch::async, [&] { return pipe->write("b"); });
  stream.reset();
  EXPECT_FALSE(second.get());
  EXPECT_TRUE(pipe->reader_gone());
}

TEST(BytePipe, ACanceledReaderEndsAndAFailureThrows) {
  boost::asio::io_context context;
  std::string got;
  std::size_t largest = 0;
  bool threw = false;
  const auto canceled = BytePipe::create(context.get_executor(), 10);
  auto stream = canceled->stream();
  BodyStream* raw = stream.get();
  boost::asio::co_spawn(context, read_all(std::move(stream), &got, &largest, &threw), boost::asio::detached);
  context.poll();
  raw->cancel();
  context.run();
  EXPECT_FALSE(threw);
  context.restart();
  const auto failed = BytePipe::create(context.get_executor(), 10);
  failed->try_write("part");
  failed->fail();
  boost::asio::co_spawn(context, read_all(failed->stream(), &got, &largest, &threw), boost::asio::detached);
  context.run();
  EXPECT_EQ(got, "part");
  EXPECT_TRUE(threw);
}

}  // namespace
}  // namespace penstock::http
