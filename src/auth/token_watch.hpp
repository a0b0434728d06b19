// Tells when a file of secrets was replaced or removed.
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace penstock::auth {

// Calls `changed` on a thread of its own within moments of a change of the file (where the kernel cannot tell, a second later at most), until it is
// destroyed. Changes that came before are not told.
class TokenWatch {
 public:
  TokenWatch(const std::string& path, std::function<void()> changed);
  ~TokenWatch();
  TokenWatch(const TokenWatch&) = delete;
  TokenWatch& operator=(const TokenWatch&) = delete;

 private:
  int wake_ = -1;
  int inotify_ = -1;
  std::thread thread_;
};

}  // namespace penstock::auth
