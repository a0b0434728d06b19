// Sets of IP addresses, as options name them. Pure.
#pragma once

#include <array>
#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/core/result.hpp"

namespace penstock::http {

// An IPv4-mapped IPv6 address is the IPv4 address that it stands for: a connection to the one reaches the other.
boost::asio::ip::address unmapped(const boost::asio::ip::address& address);

// An address as people and proxies write it, unmapped; nullopt for all else. No zone, no name, no octal or short forms.
std::optional<boost::asio::ip::address> parse_address(std::string_view text);

// A value; may be read by many threads.
class Networks {
 public:
  // Addresses and networks ("10.1.2.3", "10.0.0.0/8", "fd00::/8"). config_error names the one that is neither, with `option` as its field.
  static Result<Networks> parse(const std::vector<std::string>& texts, const std::string& option);
  bool contains(const boost::asio::ip::address& address) const;

 private:
  using Bytes = std::array<unsigned char, 16>;
  struct Network {
    Bytes address;  // IPv4 as IPv4-mapped IPv6
    std::size_t bits;
  };
  static Bytes bytes_of(const boost::asio::ip::address& address);
  static std::optional<Network> parse_network(std::string_view text);

  std::vector<Network> networks_;
};

}  // namespace penstock::http
