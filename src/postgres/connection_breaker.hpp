// Ends all connections to a database at once: a server that is silent (stopped, cut off) would keep whoever waits for it.
#pragma once

#include <mutex>
#include <set>

namespace penstock::postgres {

// Thread-safe. Must outlive its guards.
class ConnectionBreaker {
 public:
  // One connection's place in the breaker; keeps a descriptor of its own to the socket, so that it never breaks another's.
  class Guard {
   public:
    Guard() = default;
    Guard(ConnectionBreaker& breaker, int socket);
    Guard(Guard&& other) noexcept;
    Guard& operator=(Guard&& other) noexcept;
    ~Guard();

   private:
    ConnectionBreaker* breaker_ = nullptr;
    int socket_ = -1;
  };

  // For ever: who waits for an answer finds the connection broken, and new ones are broken as soon as they are open.
  void give_up();
  bool given_up() const;

 private:
  mutable std::mutex mutex_;
  std::set<int> sockets_;
  bool given_up_ = false;
};

}  // namespace penstock::postgres
