// Threads that `top -H` and profilers tell apart.
#pragma once

#include <pthread.h>

#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace penstock::inline base {

// Of the calling thread. The kernel keeps 15 bytes; the rest is cut off.
inline void name_this_thread(std::string_view name) {
  char kept[16] = {};
  name.copy(kept, sizeof(kept) - 1);
  pthread_setname_np(pthread_self(), kept);
}

// Starts a thread that runs `body` under the name.
template <class Body>
std::thread named_thread(std::string name, Body body) {
  return std::thread([name = std::move(name), body = std::move(body)]() mutable {
    name_this_thread(name);
    body();
  });
}

}  // namespace penstock::inline base
