// Certificates as files: a self-signed one to start with, and fingerprints by which one is known.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/core/result.hpp"

namespace penstock::http {

struct SelfSignedOptions {
  std::vector<std::string> names;  // host names and IP addresses it is for; the first is also its common name. At least one.
  int days = 825;                  // from now; the longest that Apple's devices take
};

struct SelfSigned {
  std::string certificate;  // PEM
  std::string key;          // PEM, PKCS #8, unencrypted: a P-256 key
  std::string fingerprint;  // as show_fingerprint() gives it
};

// For a server as well as for a client, and for itself only: it can sign no other. invalid_request names what is neither a host name nor
// an address.
Result<SelfSigned> make_self_signed(const SelfSignedOptions& options);

struct CertificateFacts {
  std::string fingerprint;   // as show_fingerprint() gives it
  std::int64_t ends_at = 0;  // seconds since 1970
};
// Of the first certificate in a PEM file.
Result<CertificateFacts> certificate_facts(const std::string& path);

// 64 hexadecimal digits of either case, with or without colons, and with what openssl or we print before them ("sha256:",
// "SHA256 Fingerprint="). The answer: the lower-case digits alone.
std::optional<std::string> parse_fingerprint(std::string_view text);
// "AB:CD:…", as openssl and browsers show it, from the digits alone.
std::string show_fingerprint(std::string_view digits);

}  // namespace penstock::http
