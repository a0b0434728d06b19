#include "http/head_guard.hpp"

#include <array>
#include <cstring>
#include <string>

#include "http/request_head.hpp"

namespace penstock::http {
namespace {

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) table[static_cast<std::size_t>(c)] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr auto kToken = make_token_table();

bool is_token(std::string_view text) {
  for (const char c : text) {
    if (!kToken[static_cast<unsigned char>(c)]) return false;
  }
  return !text.empty();
}

bool has_control(std::string_view text) {
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) return true;
  }
  return false;
}

bool list_has(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (equals_ignoring_case(without_blanks(list.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return false;
}

Error malformed(const char* message) { return Error{ErrorCode::malformed_request, message, ""}; }

Result<int> check_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return malformed("The request line is not METHOD TARGET HTTP/1.1.");
  }
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method) || method.size() > 32) return malformed("The method is not a token.");
  if (target.empty() || target.find_first_of(" \t") != std::string_view::npos || has_control(target)) {
    return malformed("The request target is empty or holds a blank or control character.");
  }
  if (version == "HTTP/1.1") return 11;
  if (version == "HTTP/1.0") return 10;
  if (version.starts_with("HTTP/") && version.size() == 8) {
    return Error{ErrorCode::unsupported_version, "Only HTTP/1.1 and HTTP/1.0 are spoken here.", ""};
  }
  return malformed("The request line does not end in an HTTP version.");
}

// A registered name or address with an optional port; commas, blanks, '/' and '@' are how one Host is made to look like
// another.
bool is_host(std::string_view host) {
  for (const char c : host) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && std::string_view(".-_~:[]%!$&'()*+;=").find(c) == std::string_view::npos) return false;
  }
  return true;
}

std::optional<std::uint64_t> parse_length(std::string_view digits) {
  if (digits.empty() || digits.size() > 18) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

// Fields of which one value is meant, and which the rooms above read: with two of them a proxy and this server may each believe another.
constexpr std::array<std::string_view, 8> kSingle{"Authorization",   "Expect", "Idempotency-Key", "If-Modified-Since",
                                                  "Last-Event-ID",   "Origin", "Range",           "X-Penstock-Deployment"};

// What the fields say together, gathered one at a time.
class FieldChecks {
 public:
  explicit FieldChecks(int version) {
    facts_.version = version;
    facts_.keep_alive = version == 11;
  }

  Result<void> add(std::string_view name, std::string_view value) {
    if (const Result<void> once = only_once(name, value); !once) return once;
    if (equals_ignoring_case(name, "Content-Length")) return content_length(value);
    if (equals_ignoring_case(name, "Transfer-Encoding")) return transfer_encoding(value);
    if (equals_ignoring_case(name, "Host")) return host(value);
    if (equals_ignoring_case(name, "Connection")) {
      close_ = close_ || list_has(value, "close");
      stay_ = stay_ || list_has(value, "keep-alive");
    } else if (equals_ignoring_case(name, "Expect")) {
      if (!equals_ignoring_case(value, "100-continue")) {
        return Error{ErrorCode::invalid_request, "Only the expectation 100-continue is known.", "Expect"};
      }
      facts_.expects_continue = facts_.version == 11;
    }
    return {};
  }

  Result<HeadFacts> finish() {
    if (facts_.version == 11 && !host_) return malformed("HTTP/1.1 needs a Host field.");
    if (facts_.chunked && facts_.content_length) {
      return malformed("Transfer-Encoding and Content-Length together leave the body's length open.");
    }
    if (facts_.chunked && facts_.version == 10) return malformed("HTTP/1.0 has no Transfer-Encoding.");
    facts_.keep_alive = !close_ && (facts_.version == 11 || stay_);
    return facts_;
  }

 private:
  Result<void> only_once(std::string_view name, std::string_view value) {
    for (std::size_t i = 0; i < kSingle.size(); ++i) {
      if (!equals_ignoring_case(name, kSingle[i])) continue;
      if ((seen_ & 1U << i) != 0) return repeated(kSingle[i]);
      seen_ |= 1U << i;
    }
    // Several agents add the configured type to their own: the same twice says nothing else.
    if (equals_ignoring_case(name, "Content-Type")) {
      if (type_ && !equals_ignoring_case(*type_, value)) return repeated("Content-Type");
      type_ = value;
    }
    return {};
  }

  static Error repeated(std::string_view name) {
    return {ErrorCode::malformed_request, "There are several " + std::string(name) + " fields: send one.", ""};
  }

  Result<void> content_length(std::string_view value) {
    if (facts_.content_length) return malformed("There are several Content-Length fields.");
    facts_.content_length = parse_length(value);
    if (!facts_.content_length) return malformed("Content-Length is not one decimal number.");
    return {};
  }

  Result<void> transfer_encoding(std::string_view value) {
    if (facts_.chunked) return malformed("There are several Transfer-Encoding fields.");
    if (equals_ignoring_case(value, "chunked")) {
      facts_.chunked = true;
      return {};
    }
    if (list_has(value, "chunked")) return malformed("Of transfer encodings only chunked alone is taken.");
    return Error{ErrorCode::not_implemented, "Of transfer encodings only chunked is known.", "Transfer-Encoding"};
  }

  Result<void> host(std::string_view value) {
    if (host_) return malformed("There are several Host fields.");
    if (!is_host(value)) return malformed("The Host field is not a host and port.");
    host_ = true;
    return {};
  }

  HeadFacts facts_;
  std::optional<std::string_view> type_;
  unsigned seen_ = 0;  // a bit for each of kSingle
  bool host_ = false, close_ = false, stay_ = false;
};

}  // namespace

HeadScan scan_head(std::string_view bytes, std::size_t from) {
  std::size_t at = from;
  while (at < bytes.size()) {
    const void* found = std::memchr(bytes.data() + at, '\n', bytes.size() - at);
    if (found == nullptr) break;
    at = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
    if (at == 0 || bytes[at - 1] != '\r') return {HeadScan::State::malformed, 0};
    ++at;
    if (at >= 4 && bytes.substr(at - 4, 4) == "\r\n\r\n") return {HeadScan::State::complete, at};
  }
  return {};
}

Result<HeadFacts> check_head(std::string_view head, std::size_t max_fields) {
  std::size_t end = head.find("\r\n");
  if (end == std::string_view::npos) return malformed("The request line does not end.");
  const Result<int> version = check_request_line(head.substr(0, end));
  if (!version) return version.error();
  FieldChecks checks(*version);
  head.remove_prefix(end + 2);
  for (std::size_t fields = 0;; ++fields) {
    end = head.find("\r\n");
    if (end == std::string_view::npos) return malformed("The header does not end.");
    if (end == 0) break;
    if (fields == max_fields) return Error{ErrorCode::header_too_large, "There are too many header fields.", ""};
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + 2);
    if (line.front() == ' ' || line.front() == '\t') return malformed("Folded header lines are not taken.");
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
      return malformed("A header field's name is not a token followed by a colon.");
    }
    const std::string_view value = without_blanks(line.substr(colon + 1));
    if (has_control(value)) return malformed("A header field holds a control character.");
    const Result<void> checked = checks.add(line.substr(0, colon), value);
    if (!checked) return checked.error();
  }
  if (head.size() != 2) return malformed("There are bytes behind the header.");
  return checks.finish();
}

}  // namespace penstock::http
