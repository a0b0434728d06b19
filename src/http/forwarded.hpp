// Whose request a proxy passes on. Pure.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/networks.hpp"
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
  Networks networks_;
  bool loopback_ = false;
};

// The last address of X-Forwarded-For, or where there is none of Forwarded (RFC 7239), that is no trusted proxy: further to the
// left stands what its sender may have made up. Of a chain that is trusted to its beginning that beginning; nullopt when the
// proxy names nobody, or in a way that cannot be read.
std::optional<boost::asio::ip::address> forwarded_client(const RequestHead& head, const TrustedProxies& proxies);

}  // namespace penstock::http
