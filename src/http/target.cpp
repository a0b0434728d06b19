#include "http/target.hpp"

#include "base/hex.hpp"
#include "base/unicode.hpp"

namespace penstock::http {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  if (text.size() < prefix.size()) return false;
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    if ((text[i] | 0x20) != (prefix[i] | 0x20)) return false;
  }
  return true;
}

// RFC 3986, 5.2.4, on the decoded path: an encoded dot segment must not survive either.
std::optional<std::string> without_dot_segments(std::string_view path) {
  if (path.find("/.") == std::string_view::npos) return std::string(path);
  std::string out;
  std::size_t begin = 1;
  while (begin <= path.size()) {
    std::size_t end = path.find('/', begin);
    const bool last = end == std::string_view::npos;
    if (last) end = path.size();
    const std::string_view segment = path.substr(begin, end - begin);
    if (segment == "..") {
      if (out.empty()) return std::nullopt;
      out.resize(out.rfind('/'));
      if (last) out += '/';
    } else if (segment == ".") {
      if (last) out += '/';
    } else {
      out += '/';
      out += segment;
    }
    begin = end + 1;
  }
  if (out.empty()) out = "/";
  return out;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (text.size() - i < 3) return std::nullopt;
      const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else {
      out += text[i];
    }
  }
  return out;
}

std::optional<QueryParameters> parse_query(std::string_view text, std::size_t max_parameters) {
  QueryParameters parameters;
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (pair.empty()) continue;
    if (parameters.size() == max_parameters) return std::nullopt;
    const std::size_t equals = pair.find('=');
    std::optional<std::string> name = percent_decode(pair.substr(0, equals), true);
    std::optional<std::string> value(std::in_place);
    if (equals != std::string_view::npos) value = percent_decode(pair.substr(equals + 1), true);
    if (!name || !value) return std::nullopt;
    parameters.emplace_back(std::move(*name), std::move(*value));
  }
  return parameters;
}

std::optional<Target> parse_target(std::string_view text) {
  if (text == "*") return Target{"*", {}};
  if (text.find('#') != std::string_view::npos) return std::nullopt;
  const std::size_t scheme = starts_with_ignoring_case(text, "http://")    ? 7
                             : starts_with_ignoring_case(text, "https://") ? 8
                                                                           : 0;
  std::string rooted;
  if (scheme != 0) {
    text.remove_prefix(scheme);
    const std::size_t path_begin = text.find_first_of("/?");
    if (path_begin == 0) return std::nullopt;
    text = path_begin == std::string_view::npos ? std::string_view() : text.substr(path_begin);
    if (text.empty() || text.front() == '?') {
      rooted.append("/").append(text);
      text = rooted;
    }
  }
  if (text.empty() || text.front() != '/') return std::nullopt;
  const std::size_t question = text.find('?');
  const std::optional<std::string> decoded = percent_decode(text.substr(0, question), false);
  if (!decoded) return std::nullopt;
  for (const char c : *decoded) {
    if (is_control(c)) return std::nullopt;
  }
  if (!is_valid_utf8(*decoded)) return std::nullopt;
  std::optional<std::string> path = without_dot_segments(*decoded);
  if (!path) return std::nullopt;
  Target target{std::move(*path), {}};
  if (question != std::string_view::npos) {
    std::optional<QueryParameters> query = parse_query(text.substr(question + 1));
    if (!query) return std::nullopt;
    target.query = std::move(*query);
  }
  return target;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                            c == '.' || c == '_' || c == '~';
    if (unreserved) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

}  // namespace penstock::http
