// What a connection holds in memory while it reads, and how it gives way to others.
#include <algorithm>

#include "http/connection.hpp"

namespace penstock::http {
namespace {

constexpr std::size_t kLargeRead = 64 * 1024;

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
  return memory_.grow(more);
}

// An idle connection holds no more memory than it must.
void Connection::hold_little() {
  if (out_.capacity() > kSmallRead) out_ = {};
  read_size_ = kSmallRead;
  if (buffer_.capacity() <= kSmallRead) return;
  buffer_.shrink_to_fit();
  if (memory_.size() > own_bytes_) memory_.shrink(memory_.size() - own_bytes_);
}

Connection::Dispensable Connection::dispensable(Clock::time_point now) const {
  if (cut_) return Dispensable::not_at_all;  // it gives its seat back already
  const bool stalls = now - phase_began_ >= edge_.options.deadlines.stall;
  switch (phase_) {
    case Phase::handshake: return Dispensable::never_asked;
    case Phase::idle: return served_ ? Dispensable::idle : Dispensable::never_asked;
    case Phase::header:
      if (!served_) return Dispensable::never_asked;
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
  memory_.release();
  if (exchange_) exchange_->answer_lease.release();
  if (phase_ == Phase::writing) {
    wire_.abort();
  } else {
    wire_.close();
  }
}

}  // namespace penstock::http
