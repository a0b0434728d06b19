// rooms: http
// The guard and Beast must agree on every head that the guard lets through, and no byte sequence may read outside.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "http/head_guard.hpp"
#include "http/request_parser.hpp"

using namespace penstock::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(static_cast<const char*>(static_cast<const void*>(data)), size);
  const HeadScan scan = scan_head(bytes, 0);
  if (scan.state != HeadScan::State::complete) return 0;
  const auto facts = check_head(bytes.substr(0, scan.size), 64);
  if (!facts) return 0;
  RequestHead head;
  RequestParser parser(head);
  if (!parser.parse_head(bytes.substr(0, scan.size))) return 0;
  if (parser.done() == facts->has_body()) std::abort();
  if (head.version != facts->version) std::abort();
  head.set_target(std::string(head.target));
  std::string_view rest = bytes.substr(scan.size);
  // In pieces, as the network brings them.
  std::string pending;
  while (!parser.done() && !rest.empty()) {
    const std::size_t step = std::min<std::size_t>(rest.size(), 1 + rest.size() % 7);
    pending += rest.substr(0, step);
    rest.remove_prefix(step);
    const auto consumed = parser.feed(pending);
    if (!consumed) return 0;
    if (*consumed > pending.size()) std::abort();
    pending.erase(0, *consumed);
  }
  return 0;
}
