// How many connections there are, in all and of one address.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace penstock::http {

// Thread-safe; asked once a connection.
class ConnectionSeats {
 public:
  enum class Answer { seated, full, address_full };
  // What an address counts as: an IPv6 address by its /64, an IPv4-mapped one as IPv4.
  using Key = std::uint64_t;
  static Key key_of(const boost::asio::ip::address& address);

  ConnectionSeats(std::size_t limit, std::size_t limit_per_address) : limit_(limit), per_address_(limit_per_address) {}

  // The address's own limit is looked at first. `despite`: the answer that does not count this time, because a seat is
  // about to be given back: anybody's after `full`; one of this address after `address_full`, which serves both limits.
  Answer take(Key key, Answer despite = Answer::seated);
  void give_back(Key key);
  std::size_t taken() const;

 private:
  const std::size_t limit_, per_address_;
  mutable std::mutex mutex_;
  std::size_t taken_ = 0;
  std::unordered_map<Key, std::size_t> by_address_;
};

}  // namespace penstock::http
