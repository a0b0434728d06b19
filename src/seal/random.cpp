#include "seal/random.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

namespace penstock::seal {

void fill_random(std::span<unsigned char> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) std::abort();
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

SecretKey random_key() {
  SecretKey key;
  fill_random({key.data(), SecretKey::kBytes});
  return key;
}

}  // namespace penstock::seal
