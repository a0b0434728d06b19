#include "http/client_url.hpp"

#include <algorithm>
#include <boost/asio/ip/address_v6.hpp>
#include <boost/system/error_code.hpp>

#include "base/ascii.hpp"
#include "http/request_head.hpp"

namespace penstock::http {
namespace {

Error bad_url(const char* why) {
  return {ErrorCode::invalid_request, std::string("The URL cannot be used: ") + why, "url"};
}

bool is_port(std::string_view digits) {
  if (digits.empty() || digits.size() > 5) return false;
  int port = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return false;
    port = port * 10 + (c - '0');
  }
  return port > 0 && port < 65536;
}

// Labels that are not empty; a dot behind the last one says that the name is whole.
bool is_name(std::string_view host) {
  if (host.starts_with('.') || host.find("..") != std::string_view::npos) return false;
  return std::all_of(host.begin(), host.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '-' || c == '_'; });
}

// As between brackets; a zone says through which of this machine's interfaces a link-local address is reached.
bool is_address_six(std::string_view text) {
  const std::size_t zone = text.find('%');
  if (zone != std::string_view::npos && (zone + 1 == text.size() || !is_name(text.substr(zone + 1)))) return false;
  boost::system::error_code failed;
  boost::asio::ip::make_address_v6(std::string(text.substr(0, zone)), failed);
  return !failed;
}

}  // namespace

Result<ClientUrl> parse_client_url(std::string_view url) {
  for (const char c : url) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return bad_url("it holds a blank or control character.");
  }
  ClientUrl parsed;
  const std::size_t scheme_end = url.find("://");
  const std::string_view scheme = url.substr(0, scheme_end);
  parsed.secure = equals_ignoring_case(scheme, "https");
  if (scheme_end == std::string_view::npos || (!parsed.secure && !equals_ignoring_case(scheme, "http"))) {
    return bad_url("it must begin with http:// or https://.");
  }
  url.remove_prefix(scheme_end + 3);
  url = url.substr(0, url.find('#'));
  const std::size_t path = url.find_first_of("/?");
  std::string_view authority = url.substr(0, path);
  parsed.target = path == std::string_view::npos ? "/" : std::string(url.substr(path));
  if (parsed.target.front() == '?') parsed.target.insert(0, "/");
  if (authority.find('@') != std::string_view::npos) return bad_url("it must not hold a user name.");
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return bad_url("the address is not closed.");
    parsed.host = authority.substr(1, end - 1);
    if (!is_address_six(parsed.host)) return bad_url("what stands between brackets is no IPv6 address.");
    parsed.host_field = authority.substr(0, end + 1);
    port = authority.substr(end + 1);
  } else {
    const std::size_t colon = authority.find(':');
    parsed.host = authority.substr(0, colon);
    parsed.host_field = parsed.host;
    if (colon != std::string_view::npos) port = authority.substr(colon);
    if (!is_name(parsed.host)) {
      return bad_url("a host is made of ASCII letters, digits and hyphens between single dots (names in other scripts have such a form too, xn--…).");
    }
  }
  if (parsed.host.empty()) return bad_url("it names no host.");
  const std::string_view own_port = parsed.secure ? "443" : "80";
  if (port.empty()) {
    parsed.port = own_port;
    return parsed;
  }
  if (port.front() != ':' || !is_port(port.substr(1))) return bad_url("the port is not a number from 1 to 65535.");
  parsed.port = port.substr(1);
  if (parsed.port != own_port) parsed.host_field += ":" + parsed.port;
  return parsed;
}

}  // namespace penstock::http
