// Which hosts a request may reach whose URL somebody gave to the server (analyzers, webhooks, identity providers). Pure.
//
// Such a request leaves from inside the operator's network: it must not reach what only the inside can (SSRF). The address decides, never
// the name. What the operator himself named (the agent's server) is not for this policy.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/networks.hpp"
#include "penstock/core/result.hpp"

namespace penstock::http {

// A value; may be read by many threads.
class OutwardPolicy {
 public:
  // `allow_cidrs`: networks that may be called though they are not public. config_error names the one that is none, with `option` as
  // its field.
  static Result<OutwardPolicy> parse(const std::vector<std::string>& allow_cidrs, const std::string& option = "allow_cidrs");

  // Why this address may not be called ("private", "loopback", …); nullopt: it may.
  std::optional<std::string_view> refuses(const boost::asio::ip::address& address) const;

 private:
  Networks allowed_;
};

// Hosts that end in a number are addresses to some readers and names to others ("127.1", "0x7f000001", "2130706433", "010.0.0.1",
// "10.0.0.1."): only the four plain numbers and IPv6 are taken, and no zone. `host`: as parse_client_url gives it.
bool is_spelled_plainly(std::string_view host);

}  // namespace penstock::http
