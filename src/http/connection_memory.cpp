// What a connection holds in memory while it reads, and how it gives way to others.
#include <algorithm>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "http/completion.hpp"
#include "http/connection.hpp"

namespace penstock::http {
namespace {

constexpr std::size_t kLargeRead = 64 * 1024;
constexpr int kMostAsked = 16;  // for one request

}  // namespace

boost::asio::awaitable<bool> Connection::read_more() {
  boost::system::error_code failed;
  const std::size_t room = room_to_read();
  starved_ = room == 0;
  if (starved_) co_return false;
  const std::size_t got = co_await wire_.read_some(buffer_.prepare(room), failed);
  buffer_.commit(got);
  edge_.metrics.received(got);
  if (got == read_size_) read_size_ = std::min(read_size_ * 2, kLargeRead);
  co_return !failed && got > 0 && !expired_ && !cut_;
}

// As many bytes as are to be read at once; without the memory for them what fits. For an unfinished head others are given up.
std::size_t Connection::room_to_read() {
  if (grow_buffer(read_size_)) return read_size_;
  read_size_ = kSmallRead;
  bool room = grow_buffer(read_size_);
  while (!room && phase_ == Phase::header && neighbours_.evict_one_beside(*this)) room = grow_buffer(read_size_);
  return room ? read_size_ : buffer_.capacity() - buffer_.size();
}

// Counts what the buffer will hold with room for `by` bytes more; false: the memory is not to be had.
bool Connection::grow_buffer(std::size_t by) {
  const std::size_t held = buffer_.size(), counted = std::max(buffer_.capacity(), kSmallRead);
  if (held + by <= counted) return true;
  const std::size_t more = std::max(2 * held, held + by) - counted;  // as flat_buffer grows
  // Large reads make bodies cheaper, no more: a part of the memory stays for heads and newcomers.
  const ByteBudget& all = edge_.connection_memory;
  if (phase_ != Phase::header && all.used() + more > all.limit() - all.limit() / 4) return false;
  return guest_.memory.grow(more);
}

// An idle connection holds no more memory than it must.
void Connection::hold_little() {
  if (out_.capacity() > kSmallRead) out_ = {};
  read_size_ = kSmallRead;
  if (buffer_.capacity() <= kSmallRead) return;
  buffer_.shrink_to_fit();
  if (guest_.memory.size() > own_bytes_) guest_.memory.shrink(guest_.memory.size() - own_bytes_);
}

// Asks one who holds memory to give way; true once it has done so. False: nobody has to, or this request asked often enough.
boost::asio::awaitable<bool> Connection::make_room(Holders& holders) {
  if (exchange_->asked++ >= kMostAsked) co_return false;
  const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  const Completion<bool> gone(executor);
  const bool somebody = holders.ask_one(exchange_->address, Clock::now(), [gone] { gone.fulfil(true); });
  if (!somebody) co_return false;
  co_await gone.wait();
  co_return true;
}

void Connection::give_way(Gone gone) {
  auto work = [self = shared_from_this(), gone = std::move(gone)] {
    self->make_way();
    gone();
  };
  boost::asio::post(wire_.executor(), std::move(work));
}

void Connection::make_way() {
  if (phase_ == Phase::writing && edge_.answers.was_asked(*this)) evict();
  if (phase_ != Phase::body || !edge_.bodies.was_asked(*this)) return;
  edge_.metrics.refused("gave_way");
  gave_way_ = true;
  release_body();
  wire_.cancel();
}

Connection::Dispensable Connection::dispensable(Clock::time_point now) const {
  if (cut_ || guest_.turned_away) return Dispensable::not_at_all;  // it gives its seat back already, or has none
  const bool stalls = now - phase_began_ >= edge_.options.deadlines.stall;
  // Who has only just come may be about to ask.
  const auto stranger = stalls ? Dispensable::never_asked : Dispensable::not_at_all;
  switch (phase_) {
    case Phase::handshake: return stranger;
    case Phase::idle: return served_ ? Dispensable::idle : stranger;
    case Phase::header:
      if (!served_) return stranger;
      return stalls ? Dispensable::sender_that_stalls : Dispensable::sender;
    case Phase::lingering: return stalls ? Dispensable::sender_that_stalls : Dispensable::sender;
    case Phase::writing: return stalls ? Dispensable::reader_that_stalls : Dispensable::not_at_all;
    default: return Dispensable::not_at_all;
  }
}

void Connection::evict() {
  edge_.metrics.refused("evicted");
  cut_ = true;
  // What it holds is freed before this io thread does anything else.
  guest_.memory.release();
  if (exchange_) exchange_->answer_lease.release();
  if (phase_ == Phase::writing) {
    wire_.abort();
  } else {
    wire_.close();
  }
}

}  // namespace penstock::http
