#include "http/server_options.hpp"

namespace penstock::http {
namespace {

constexpr std::uint64_t kSmallMachine = std::uint64_t{1} << 30;

}  // namespace

Options suited_to(std::uint64_t memory, Options options) {
  const bool small = memory > 0 && memory <= kSmallMachine;
  if (options.max_connections == 0) options.max_connections = small ? 512 : 4096;
  if (options.connection_memory == 0) options.connection_memory = std::size_t{small ? 8U : 32U} << 20;
  if (options.answer_memory == 0) options.answer_memory = std::size_t{small ? 8U : 16U} << 20;
  return options;
}

}  // namespace penstock::http
