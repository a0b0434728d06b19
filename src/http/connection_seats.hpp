// How many connections there are, in all and of one address.
#pragma once

#include <atomic>
#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace penstock::http {

// Thread-safe; asked once a connection, and once a request that came through a trusted proxy.
class ConnectionSeats {
 public:
  enum class Answer { seated, full, address_full };
  // What an address counts as: an IPv6 address by its /64, an IPv4-mapped one as IPv4.
  using Key = std::uint64_t;
  static Key key_of(const boost::asio::ip::address& address);
  // Of who stands for many and is not counted: this machine's own processes, trusted proxies.
  static constexpr Key kNobody = 0;

  // `crowded_from`: from so many on the seats count as nearly all taken.
  ConnectionSeats(std::size_t limit, std::size_t limit_per_address, std::size_t crowded_from)
      : limit_(limit), per_address_(limit_per_address), crowded_from_(crowded_from) {}

  // The address's own limit is looked at first. `despite`: the answer that does not count this time, because a seat is
  // about to be given back: anybody's after `full`; one of this address after `address_full`, which serves both limits.
  Answer take(Key key, Answer despite = Answer::seated);
  void give_back(Key key);
  // For the time of one request of a proxy's client: it counts beside the connections of its address. False: they are too many.
  bool take_request(Key key);
  void give_back_request(Key key);

  std::size_t taken() const { return taken_.load(std::memory_order_relaxed); }
  bool crowded() const { return taken() > crowded_from_; }

 private:
  void leave(Key key);

  const std::size_t limit_, per_address_, crowded_from_;
  mutable std::mutex mutex_;
  std::atomic<std::size_t> taken_{0};
  std::unordered_map<Key, std::size_t> by_address_;
};

// The seat of one proxied request.
class RequestSeat {
 public:
  RequestSeat() = default;
  RequestSeat(ConnectionSeats& seats, ConnectionSeats::Key key) : seats_(&seats), key_(key) {}
  RequestSeat(RequestSeat&& other) noexcept : seats_(std::exchange(other.seats_, nullptr)), key_(other.key_) {}
  RequestSeat& operator=(RequestSeat&& other) noexcept {
    std::swap(seats_, other.seats_);
    std::swap(key_, other.key_);
    return *this;
  }
  ~RequestSeat() {
    if (seats_ != nullptr) seats_->give_back_request(key_);
  }

 private:
  ConnectionSeats* seats_ = nullptr;
  ConnectionSeats::Key key_ = ConnectionSeats::kNobody;
};

}  // namespace penstock::http
