#include "http/byte_pipe.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "http/signal.hpp"

namespace penstock::http {

namespace {

using PipeClock = std::chrono::steady_clock;

constexpr std::chrono::seconds kStandstill{1};
constexpr std::size_t kSlowRate = 64 * 1024;  // bytes a second

}  // namespace

struct BytePipe::State {
  State(boost::asio::any_io_executor executor, std::size_t max) : max_bytes(max), readable(std::move(executor)) {}

  // What waits is one string: pieces that come faster than the client reads leave in one write.
  bool put(std::string&& piece, std::unique_lock<std::mutex>& lock) {
    if (reader_gone || closed) return false;
    if (waiting.empty()) {
      due = std::max(due, PipeClock::now() + kStandstill);
      waiting = std::move(piece);
    } else {
      waiting += piece;
    }
    lock.unlock();
    readable.notify();
    return true;
  }

  bool has_room(std::size_t size, std::size_t at_most) const {
    return waiting.empty() || waiting.size() + size <= std::min(max_bytes, at_most);
  }

  std::string take() {
    due = PipeClock::now() + std::max<PipeClock::duration>(kStandstill, std::chrono::milliseconds(waiting.size() * 1000 / kSlowRate));
    return std::exchange(waiting, {});
  }

  void end(bool as_failure) {
    {
      const std::lock_guard lock(mutex);
      closed = true;
      failed = failed || as_failure;
    }
    readable.notify();
  }

  void lose_reader() {
    {
      const std::lock_guard lock(mutex);
      reader_gone = true;
      waiting = {};
    }
    room.notify_all();
    readable.notify();
  }

  const std::size_t max_bytes;
  Signal readable;
  mutable std::mutex mutex;
  std::condition_variable room;
  std::string waiting;
  PipeClock::time_point due;  // when what waits should have been taken
  bool closed = false, failed = false, reader_gone = false;
};

class BytePipe::Reader final : public BodyStream {
 public:
  explicit Reader(std::shared_ptr<State> state) : state_(std::move(state)) {}
  ~Reader() override { state_->lose_reader(); }

  boost::asio::awaitable<std::optional<std::string>> next() override { return read(state_); }
  void cancel() override { state_->lose_reader(); }

 private:
  static boost::asio::awaitable<std::optional<std::string>> read(std::shared_ptr<State> state) {
    std::optional<std::string> piece;
    for (;;) {
      {
        const std::lock_guard lock(state->mutex);
        if (!state->waiting.empty()) piece = state->take();
        if (piece || state->closed || state->reader_gone) break;
      }
      co_await state->readable.wait();
    }
    if (piece) {
      state->room.notify_all();
    } else if (state->failed) {
      throw std::runtime_error("The body could not be made to its end.");
    }
    co_return piece;
  }

  std::shared_ptr<State> state_;
};

BytePipe::BytePipe(std::shared_ptr<State> state) : state_(std::move(state)) {}

std::shared_ptr<BytePipe> BytePipe::create(boost::asio::any_io_executor executor, std::size_t max_bytes) {
  return std::shared_ptr<BytePipe>(new BytePipe(std::make_shared<State>(std::move(executor), max_bytes)));
}

BytePipe::~BytePipe() { close(); }

bool BytePipe::write(std::string piece) {
  if (piece.empty()) return !reader_gone();
  std::unique_lock lock(state_->mutex);
  state_->room.wait(lock, [&] { return state_->reader_gone || state_->closed || state_->has_room(piece.size(), state_->max_bytes); });
  return state_->put(std::move(piece), lock);
}

bool BytePipe::try_write(std::string piece, std::size_t at_most) {
  if (piece.empty()) return !reader_gone();
  std::unique_lock lock(state_->mutex);
  return state_->has_room(piece.size(), at_most) && state_->put(std::move(piece), lock);
}

bool BytePipe::reader_gone() const {
  const std::lock_guard lock(state_->mutex);
  return state_->reader_gone;
}

bool BytePipe::crawls() const {
  const std::lock_guard lock(state_->mutex);
  return !state_->waiting.empty() && PipeClock::now() > state_->due;
}

void BytePipe::abandon() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->waiting = {};
  }
  state_->end(true);
  state_->room.notify_all();
}

void BytePipe::close() { state_->end(false); }

void BytePipe::fail() { state_->end(true); }

std::unique_ptr<BodyStream> BytePipe::stream() { return std::make_unique<Reader>(state_); }

}  // namespace penstock::http
