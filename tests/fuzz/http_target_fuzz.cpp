// rooms: http
// Decoded paths begin with '/' (or are "*"), hold no dot segment and no control character; encoding is undone by
// decoding.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "http/client_url.hpp"
#include "http/outward.hpp"
#include "http/target.hpp"

using namespace penstock::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(static_cast<const char*>(static_cast<const void*>(data)), size);
  if (const auto target = parse_target(text); target && target->path != "*") {
    const std::string framed = target->path + "/";
    if (framed.front() != '/' || framed.find("/../") != std::string::npos) std::abort();
    if (framed.find("/./") != std::string::npos) std::abort();
    if (framed.find('\0') != std::string::npos) std::abort();
  }
  if (percent_decode(percent_encode(text), true) != text) std::abort();
  if (const auto url = parse_client_url(text)) {
    // What every reader of addresses takes for one is the only spelling of an address that may be called.
    if (is_spelled_plainly(url->host) && url->host.find_first_not_of("0123456789.") == std::string::npos && !parse_address(url->host)) std::abort();
    if (url->host.find_first_of("@/\\ #?") != std::string::npos) std::abort();
  }
  return 0;
}
