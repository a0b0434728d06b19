// The tables are IANA's registries of special-purpose addresses (RFC 6890 and what was added since), and beyond them whatever carries
// an IPv4 address inside or may be sent to many.
#include "http/outward.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.hpp"
#include "base/hex.hpp"

namespace penstock::http {
namespace {

struct SpecialNetwork {
  const char* network;
  std::string_view what;
};

constexpr std::array<SpecialNetwork, 30> kSpecial{{
    {"0.0.0.0/8", "unspecified"},
    {"10.0.0.0/8", "private"},
    {"100.64.0.0/10", "shared by a provider's customers"},
    {"127.0.0.0/8", "loopback"},
    {"169.254.0.0/16", "link-local"},
    {"172.16.0.0/12", "private"},
    {"192.0.0.0/24", "reserved for protocols"},
    {"192.0.2.0/24", "for documentation"},
    {"192.31.196.0/24", "of a special service"},
    {"192.52.193.0/24", "of a special service"},
    {"192.88.99.0/24", "a relay to IPv6"},
    {"192.168.0.0/16", "private"},
    {"192.175.48.0/24", "of a special service"},
    {"198.18.0.0/15", "for benchmarks"},
    {"198.51.100.0/24", "for documentation"},
    {"203.0.113.0/24", "for documentation"},
    {"224.0.0.0/4", "multicast"},
    {"240.0.0.0/4", "reserved"},
    // Of IPv6 only 2000::/3 is given out for the public at all; these names are for readers of the error.
    {"::/128", "unspecified"},
    {"::1/128", "loopback"},
    {"64:ff9b::/96", "translated to IPv4"},
    {"fc00::/7", "private"},
    {"fe80::/10", "link-local"},
    {"ff00::/8", "multicast"},
    {"2001::/23", "reserved for protocols"},  // Teredo among them, which carries an IPv4 address
    {"2001:db8::/32", "for documentation"},
    {"2002::/16", "a tunnel to IPv4"},
    {"2620:4f:8000::/48", "of a special service"},
    {"3fff::/20", "for documentation"},
    {"5f00::/16", "for segment routing"},
}};

Networks network(const char* text) {
  auto parsed = Networks::parse({text}, "");
  return parsed ? std::move(*parsed) : Networks();
}

const std::vector<std::pair<Networks, std::string_view>>& special_networks() {
  static const auto table = [] {
    std::vector<std::pair<Networks, std::string_view>> made;
    for (const SpecialNetwork& special : kSpecial) made.emplace_back(network(special.network), special.what);
    return made;
  }();
  return table;
}

bool is_number(std::string_view label) {
  const bool hex = label.size() >= 2 && label[0] == '0' && to_lower(label[1]) == 'x';
  if (hex) return std::all_of(label.begin() + 2, label.end(), [](char c) { return hex_value(c) >= 0; });
  return !label.empty() && std::all_of(label.begin(), label.end(), is_digit);
}

}  // namespace

Result<OutwardPolicy> OutwardPolicy::parse(const std::vector<std::string>& allow_cidrs, const std::string& option) {
  auto networks = Networks::parse(allow_cidrs, option);
  if (!networks) return networks.error();
  OutwardPolicy policy;
  policy.allowed_ = std::move(*networks);
  return policy;
}

std::optional<std::string_view> OutwardPolicy::refuses(const boost::asio::ip::address& given) const {
  const boost::asio::ip::address address = unmapped(given);
  if (allowed_.contains(address)) return std::nullopt;
  for (const auto& [networks, what] : special_networks()) {
    if (networks.contains(address)) return what;
  }
  static const Networks kPublicSix = network("2000::/3");
  if (address.is_v6() && !kPublicSix.contains(address)) return "not public";
  return std::nullopt;
}

bool is_spelled_plainly(std::string_view host) {
  if (host.find(':') != std::string_view::npos) return parse_address(host).has_value();
  const std::string_view whole = host;
  if (host.ends_with('.')) host.remove_suffix(1);
  const std::size_t dot = host.rfind('.');
  const std::string_view last = dot == std::string_view::npos ? host : host.substr(dot + 1);
  return !is_number(last) || parse_address(whole).has_value();
}

}  // namespace penstock::http
