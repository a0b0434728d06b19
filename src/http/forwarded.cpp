#include "http/forwarded.hpp"

#include <algorithm>
#include <boost/system/error_code.hpp>
#include <charconv>

namespace penstock::http {
namespace {

namespace ip = boost::asio::ip;

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::array<unsigned char, 16> bytes_of(const ip::address& address) {
  return (address.is_v6() ? address.to_v6() : ip::make_address_v6(ip::v4_mapped, address.to_v4())).to_bytes();
}

std::optional<ip::address> to_address(std::string_view text) {
  boost::system::error_code failed;
  const ip::address address = ip::make_address(std::string(text), failed);
  if (failed) return std::nullopt;
  if (address.is_v6() && address.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  return address;
}

// "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:4711", each also in quotes.
std::optional<ip::address> parse_node(std::string_view text) {
  text = without_blanks(text);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    return end == std::string_view::npos ? std::nullopt : to_address(text.substr(1, end - 1));
  }
  if (std::count(text.begin(), text.end(), ':') == 1) text = text.substr(0, text.find(':'));
  return to_address(text);
}

// The value of for= in one element of Forwarded.
std::string_view for_of(std::string_view element) {
  while (!element.empty()) {
    const std::size_t end = std::min(element.find(';'), element.size());
    const std::string_view pair = without_blanks(element.substr(0, end));
    if (pair.size() > 4 && equals_ignoring_case(pair.substr(0, 4), "for=")) return pair.substr(4);
    element.remove_prefix(std::min(end + 1, element.size()));
  }
  return {};
}

// All fields of a name are one list.
std::string joined(const RequestHead& head, std::string_view name) {
  std::string all;
  for (std::size_t i = 0; i < head.header_count(); ++i) {
    const auto [key, value] = head.header_at(i);
    if (!equals_ignoring_case(key, name)) continue;
    if (!all.empty()) all += ',';
    all += value;
  }
  return all;
}

}  // namespace

std::optional<TrustedProxies::Network> TrustedProxies::parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<ip::address> address = to_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  const std::size_t most = address->is_v4() ? 32 : 128;
  std::size_t bits = most;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (problem != std::errc() || end != digits.data() + digits.size() || digits.empty() || bits > most) return std::nullopt;
  }
  return Network{bytes_of(*address), bits + (128 - most)};
}

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& networks, bool loopback) {
  TrustedProxies proxies;
  proxies.loopback_ = loopback;
  for (const std::string& text : networks) {
    const std::optional<Network> network = parse_network(without_blanks(text));
    if (!network) {
      return Error{ErrorCode::config_error, "\"" + text + "\" is neither an address nor a network such as 10.0.0.0/8.", "http.trusted_proxies"};
    }
    proxies.networks_.push_back(*network);
  }
  return proxies;
}

bool TrustedProxies::trusts(const ip::address& address) const {
  const Bytes bytes = bytes_of(address);
  const bool own = address.is_loopback() || (address.is_v6() && address.to_v6().is_v4_mapped() && bytes[12] == 127);
  if (own) return loopback_;
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    const std::size_t whole = network.bits / 8, rest = network.bits % 8;
    if (!std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(whole), network.address.begin())) return false;
    return rest == 0 || ((bytes[whole] ^ network.address[whole]) >> (8 - rest)) == 0;
  });
}

std::optional<ip::address> forwarded_client(const RequestHead& head, const TrustedProxies& proxies) {
  std::string list = joined(head, "X-Forwarded-For");
  const bool standard = list.empty();
  if (standard) list = joined(head, "Forwarded");
  std::optional<ip::address> client;
  for (std::string_view left = list; !left.empty();) {
    const std::size_t comma = left.rfind(',');
    const std::string_view last = comma == std::string_view::npos ? left : left.substr(comma + 1);
    left = left.substr(0, comma == std::string_view::npos ? 0 : comma);
    const std::optional<ip::address> named = parse_node(standard ? for_of(last) : last);
    if (!named) break;
    client = named;
    if (!proxies.trusts(*client)) break;
  }
  return client;
}

}  // namespace penstock::http
