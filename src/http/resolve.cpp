// The system's resolver knows no deadline and cannot be ended: with a name server that is silent it waits for half a minute. So it runs
// on a thread of its own, which is left behind when nobody waits any longer. How many are left behind is bounded.
#include "http/resolve.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <system_error>

#include "base/named_thread.hpp"

namespace penstock::http {
namespace {

using boost::asio::ip::address;

constexpr int kMostLookups = 16;
constexpr std::chrono::milliseconds kLookEvery{50};

std::atomic<int> lookups{0};

// Shared with the thread, which may outlive who asked.
struct Lookup {
  std::string host;
  std::mutex mutex;
  std::condition_variable ended;
  bool done = false;
  int code = 0;
  std::vector<address> addresses;
};

std::vector<address> addresses_of(const addrinfo* entry) {
  std::vector<address> found;
  for (; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family == AF_INET) {
      sockaddr_in four{};
      std::memcpy(&four, entry->ai_addr, sizeof four);
      found.emplace_back(boost::asio::ip::address_v4(ntohl(four.sin_addr.s_addr)));
    } else if (entry->ai_family == AF_INET6) {
      sockaddr_in6 six{};
      std::memcpy(&six, entry->ai_addr, sizeof six);
      boost::asio::ip::address_v6::bytes_type bytes;
      std::memcpy(bytes.data(), six.sin6_addr.s6_addr, bytes.size());
      found.emplace_back(boost::asio::ip::address_v6(bytes, six.sin6_scope_id));
    }
  }
  return found;
}

void look_up(Lookup& lookup, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* entries = nullptr;
  const int code = ::getaddrinfo(lookup.host.c_str(), nullptr, &hints, &entries);
  std::vector<address> found;
  if (code == 0) {
    found = addresses_of(entries);
    ::freeaddrinfo(entries);
  }
  const std::lock_guard lock(lookup.mutex);
  lookup.code = code;
  lookup.addresses = std::move(found);
  lookup.done = true;
  lookup.ended.notify_all();
}

Error not_found(const std::string& host, const std::string& why) {
  return {ErrorCode::io_error, "The host " + host + " cannot be found: " + why + ".", "url"};
}

bool start_thread(const std::shared_ptr<Lookup>& lookup) {
  // Signals are for the threads that wait for them.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  bool started = true;
  try {
    named_thread("resolve", [lookup] {
      look_up(*lookup, 0);
      lookups.fetch_sub(1);
    }).detach();
  } catch (const std::system_error&) {
    started = false;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return started;
}

}  // namespace

Result<std::vector<address>> resolve(const std::string& host, std::chrono::steady_clock::time_point deadline, const std::function<bool()>& given_up) {
  auto lookup = std::make_shared<Lookup>();
  lookup->host = host;
  look_up(*lookup, AI_NUMERICHOST);  // asks nobody
  if (lookup->code == 0) return lookup->addresses;
  lookup->done = false;
  if (lookups.fetch_add(1) >= kMostLookups || !start_thread(lookup)) {
    lookups.fetch_sub(1);
    return not_found(host, "too many look-ups wait for the name server already");
  }
  std::unique_lock lock(lookup->mutex);
  while (!lookup->done) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) return Error{ErrorCode::timeout, "The name server did not answer in time for " + host + ".", ""};
    if (given_up && given_up()) return Error{ErrorCode::canceled, "The name server was not waited for any longer.", ""};
    lookup->ended.wait_until(lock, given_up ? std::min(deadline, now + kLookEvery) : deadline);
  }
  if (lookup->code != 0) return not_found(host, ::gai_strerror(lookup->code));
  return lookup->addresses;
}

}  // namespace penstock::http
