#include "http/forwarded.hpp"

#include <algorithm>

namespace penstock::http {
namespace {

namespace ip = boost::asio::ip;

// "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:4711", each also in quotes.
std::optional<ip::address> parse_node(std::string_view text) {
  text = without_blanks(text);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    return end == std::string_view::npos ? std::nullopt : parse_address(text.substr(1, end - 1));
  }
  if (std::count(text.begin(), text.end(), ':') == 1) text = text.substr(0, text.find(':'));
  return parse_address(text);
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

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& networks, bool loopback) {
  auto parsed = Networks::parse(networks, "http.trusted_proxies");
  if (!parsed) return parsed.error();
  TrustedProxies proxies;
  proxies.networks_ = std::move(*parsed);
  proxies.loopback_ = loopback;
  return proxies;
}

bool TrustedProxies::trusts(const ip::address& address) const {
  return unmapped(address).is_loopback() ? loopback_ : networks_.contains(address);
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
