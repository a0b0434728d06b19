#include "http/connection_seats.hpp"

namespace penstock::http {

ConnectionSeats::Key ConnectionSeats::key_of(const boost::asio::ip::address& address) {
  if (address.is_v4()) return address.to_v4().to_uint();
  const auto v6 = address.to_v6();
  const auto bytes = v6.to_bytes();
  const bool mapped = v6.is_v4_mapped();
  Key key = 0;
  for (std::size_t i = mapped ? 12 : 0; i < (mapped ? 16U : 8U); ++i) key = key << 8 | bytes[i];
  return key;
}

ConnectionSeats::Answer ConnectionSeats::take(Key key, Answer despite) {
  const std::lock_guard lock(mutex_);
  if (despite != Answer::address_full) {
    const auto found = by_address_.find(key);
    if (found != by_address_.end() && found->second >= per_address_) return Answer::address_full;
    if (taken_ >= limit_ && despite != Answer::full) return Answer::full;
  }
  ++taken_;
  if (key != kNobody) ++by_address_[key];
  return Answer::seated;
}

void ConnectionSeats::give_back(Key key) {
  const std::lock_guard lock(mutex_);
  --taken_;
  leave(key);
}

bool ConnectionSeats::take_request(Key key) {
  const std::lock_guard lock(mutex_);
  std::size_t& count = by_address_[key];
  if (count >= per_address_) return false;
  ++count;
  return true;
}

void ConnectionSeats::give_back_request(Key key) {
  const std::lock_guard lock(mutex_);
  leave(key);
}

void ConnectionSeats::leave(Key key) {
  if (key == kNobody) return;
  const auto found = by_address_.find(key);
  if (--found->second == 0) by_address_.erase(found);
}

}  // namespace penstock::http
