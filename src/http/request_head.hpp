// What a request says before its body: the start line and the header fields.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/target.hpp"

namespace penstock::http {

// Whom a certificate names.
struct PeerCertificate {
  std::string subject;      // "CN=attic,O=Shop", RFC 2253, UTF-8
  std::string fingerprint;  // SHA-256 of it, 64 lower-case hexadecimal digits
};

// A value; not thread-safe. The server fills it from bytes that passed the head guard, before anything of the body is
// read, so trailers can never change it. Tests build one by hand with set_target() and add_header().
struct RequestHead {
  std::string method;   // as sent; "GET" for a HEAD request (see head_only)
  std::string target;   // as sent
  std::string path;     // of the target: percent-decoded, dot segments resolved, begins with '/'; "*" for OPTIONS *
  QueryParameters query;  // decoded, in the order sent
  std::string peer;     // the other end's address without its port; IPv4-mapped IPv6 is written as IPv4
  int version = 11;     // 10 or 11
  bool secure = false;  // came over TLS
  std::shared_ptr<const PeerCertificate> client_certificate;  // that the other end proved to hold, by a CA of http.tls_client_ca; null: none
  bool head_only = false;  // HEAD: answer as to GET; the server leaves the body out

  // The first value of that name (any case), or empty.
  std::string_view header(std::string_view name) const;
  bool has_header(std::string_view name) const;
  std::size_t header_count() const { return fields_.size(); }
  // Views are valid while the head lives and nothing is added.
  std::pair<std::string_view, std::string_view> header_at(std::size_t index) const;

  // The first query parameter of that name (exact case).
  std::optional<std::string_view> query_value(std::string_view name) const;
  std::vector<std::string_view> query_values(std::string_view name) const;

  void add_header(std::string_view name, std::string_view value);
  // Parses a target into target, path and query. False when it is malformed (a bad escape, no path).
  bool set_target(std::string_view text);

 private:
  struct Field {
    std::uint32_t name_begin, name_size, value_begin, value_size;
  };
  std::string text_;  // names and values behind each other
  std::vector<Field> fields_;
};

// ASCII only, as header names and tokens are compared.
bool equals_ignoring_case(std::string_view a, std::string_view b);
// Without the blanks and tabs around it.
std::string_view without_blanks(std::string_view text);

}  // namespace penstock::http
