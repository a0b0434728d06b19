// Whose request a proxy passes on. Pure.
#pragma once

#include <array>
#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/request_head.hpp"
#include "penstock/core/result.hpp"

namespace penstock::http {

// Proxies whose word about their clients is taken: those that are named, and this machine's own (loopback).
class TrustedProxies {
 public:
  // Addresses and networks ("10.1.2.3", "10.0.0.0/8", "fd00::/8"); config_error names the one that is neither.
  static Result<TrustedProxies> parse(const std::vector<std::string>& networks, bool loopback = true);
  bool trusts(const boost::asio::ip::address& address) const;

 private:
  using Bytes = std::array<unsigned char, 16>;
  struct Network {
    Bytes address;  // IPv4 as IPv4-mapped IPv6
    std::size_t bits;
  };
  static std::optional<Network> parse_network(std::string_view text);

  std::vector<Network> networks_;
  bool loopback_ = false;
};

// The last address of X-Forwarded-For, or where there is none of Forwarded (RFC 7239), that is no trusted proxy: further to the
// left stands what its sender may have made up. Of a chain that is trusted to its beginning that beginning; nullopt when the
// proxy names nobody, or in a way that cannot be read.
std::optional<boost::asio::ip::address> forwarded_client(const RequestHead& head, const TrustedProxies& proxies);

}  // namespace penstock::http
