#include "http/server_options.hpp"

#include <algorithm>

namespace penstock::http {
namespace {

constexpr std::uint64_t kSmallMachine = std::uint64_t{1} << 30;
constexpr std::uint64_t kTlsPart = 64, kLeastTlsMemory = 16 << 20, kMostTlsMemory = 256 << 20;

}  // namespace

Options suited_to(std::uint64_t memory, Options options) {
  const bool small = memory > 0 && memory <= kSmallMachine;
  if (options.max_connections == 0) options.max_connections = small ? 512 : 4096;
  if (options.connection_memory == 0) {
    options.connection_memory = std::size_t{small ? 8U : 32U} << 20;
    // Over TLS each takes a dozen times as much: there the machine decides how many fit.
    if (!options.tls.certificate_file.empty()) {
      const std::uint64_t part = std::clamp<std::uint64_t>(memory / kTlsPart, kLeastTlsMemory, kMostTlsMemory);
      options.connection_memory = memory == 0 ? kLeastTlsMemory : static_cast<std::size_t>(part);
    }
  }
  if (options.answer_memory == 0) options.answer_memory = std::size_t{small ? 8U : 16U} << 20;
  return options;
}

}  // namespace penstock::http
