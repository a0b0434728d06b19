#include "http/networks.hpp"

#include <algorithm>
#include <boost/system/error_code.hpp>
#include <charconv>

#include "http/request_head.hpp"

namespace penstock::http {

boost::asio::ip::address unmapped(const boost::asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
}

std::optional<boost::asio::ip::address> parse_address(std::string_view text) {
  boost::system::error_code failed;
  if (text.find('%') != std::string_view::npos || text.find('\0') != std::string_view::npos) return std::nullopt;
  const auto address = boost::asio::ip::make_address(std::string(text), failed);
  if (failed) return std::nullopt;
  return unmapped(address);
}

Networks::Bytes Networks::bytes_of(const boost::asio::ip::address& address) {
  return (address.is_v6() ? address.to_v6() : make_address_v6(boost::asio::ip::v4_mapped, address.to_v4())).to_bytes();
}

std::optional<Networks::Network> Networks::parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
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

Result<Networks> Networks::parse(const std::vector<std::string>& texts, const std::string& option) {
  Networks networks;
  for (const std::string& text : texts) {
    const auto network = parse_network(without_blanks(text));
    if (!network) {
      return Error{ErrorCode::config_error, "\"" + text + "\" is neither an address nor a network such as 10.0.0.0/8.", option};
    }
    networks.networks_.push_back(*network);
  }
  return networks;
}

bool Networks::contains(const boost::asio::ip::address& address) const {
  const Bytes bytes = bytes_of(address);
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    const std::size_t whole = network.bits / 8, rest = network.bits % 8;
    if (!std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(whole), network.address.begin())) return false;
    return rest == 0 || ((bytes[whole] ^ network.address[whole]) >> (8 - rest)) == 0;
  });
}

}  // namespace penstock::http
