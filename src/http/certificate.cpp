#include "http/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>
#include <new>

#include "base/ascii.hpp"
#include "base/freed.hpp"
#include "base/hex.hpp"
#include "base/sha256.hpp"
#include "http/networks.hpp"
#include "http/peer_certificate.hpp"
#include "http/request_head.hpp"

namespace penstock::http {
namespace {

using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate509 = std::unique_ptr<X509, Freed<X509_free>>;
using Bytes = std::unique_ptr<BIO, Freed<BIO_free_all>>;

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

Bytes memory_bio() {
  Bytes made(BIO_new(BIO_s_mem()));
  if (!made) throw std::bad_alloc();
  return made;
}

bool is_host_name(std::string_view name) {
  if (name.starts_with("*.")) name.remove_prefix(2);
  if (name.empty() || name.size() > 253 || name.front() == '.' || name.find("..") != std::string_view::npos) return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_'; });
}

// As OpenSSL's configuration language writes them; names were checked, so that none can begin another entry.
Result<std::string> alternative_names(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    const auto address = parse_address(name);
    if (!address && !is_host_name(name)) {
      return Error{ErrorCode::invalid_request, "\"" + name + "\" is neither a host name nor an address.", "name"};
    }
    list += (list.empty() ? "" : ",") + (address ? "IP:" + address->to_string() : "DNS:" + name);
  }
  return list;
}

bool add_extension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> made(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  return made && X509_add_ext(certificate, made.get(), -1) == 1;
}

bool add_name(X509* certificate, const std::string& name) {
  constexpr std::size_t kLongestCommonName = 64;
  const std::string common = name.substr(0, kLongestCommonName);
  X509_NAME* subject = X509_get_subject_name(certificate);
  const auto* bytes = static_cast<const unsigned char*>(static_cast<const void*>(common.data()));
  return X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, bytes, static_cast<int>(common.size()), -1, 0) == 1 &&
         X509_set_issuer_name(certificate, subject) == 1;
}

bool add_serial(X509* certificate) {
  std::array<unsigned char, 16> bytes;
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return false;
  bytes[0] &= 0x7f;
  const std::unique_ptr<BIGNUM, Freed<BN_free>> number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool fill(X509* certificate, EVP_PKEY* key, const SelfSignedOptions& options, const std::string& names) {
  constexpr long kDay = 24 * 3600;
  return X509_set_version(certificate, X509_VERSION_3) == 1 && add_serial(certificate) && add_name(certificate, options.names.front()) &&
         X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) != nullptr &&  // clocks differ
         X509_gmtime_adj(X509_getm_notAfter(certificate), options.days * kDay) != nullptr && X509_set_pubkey(certificate, key) == 1 &&
         add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") && add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
         add_extension(certificate, NID_ext_key_usage, "serverAuth,clientAuth") && add_extension(certificate, NID_subject_key_identifier, "hash") &&
         add_extension(certificate, NID_subject_alt_name, names) && X509_sign(certificate, key, EVP_sha256()) != 0;
}

}  // namespace

PeerCertificate peer_certificate(X509* certificate) {
  PeerCertificate told;
  const Bytes name = memory_bio();
  X509_NAME_print_ex(name.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
  told.subject = text_of(name.get());
  const Bytes der = memory_bio();
  if (i2d_X509_bio(der.get(), certificate) != 1) throw std::bad_alloc();
  told.fingerprint = sha256_hex(text_of(der.get()));
  return told;
}

Result<SelfSigned> make_self_signed(const SelfSignedOptions& options) {
  if (options.names.empty()) return Error{ErrorCode::invalid_request, "A certificate needs a name or an address to be for.", "name"};
  const auto names = alternative_names(options.names);
  if (!names) return names.error();
  const Error failed{ErrorCode::internal, "OpenSSL could not make the certificate.", ""};
  const Key key(EVP_EC_gen("P-256"));
  const Certificate509 certificate(X509_new());
  if (!key || !certificate || !fill(certificate.get(), key.get(), options, *names)) return failed;
  const Bytes certificate_text = memory_bio(), key_text = memory_bio();
  if (PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1) return failed;
  if (PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) return failed;
  return SelfSigned{text_of(certificate_text.get()), text_of(key_text.get()), show_fingerprint(peer_certificate(certificate.get()).fingerprint)};
}

Result<CertificateFacts> certificate_facts(const std::string& path) {
  const Bytes file(BIO_new_file(path.c_str(), "r"));
  if (!file) return Error{ErrorCode::io_error, "Cannot read " + path + ": " + std::strerror(errno) + ".", ""};
  const Certificate509 certificate(PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
  if (!certificate) return Error{ErrorCode::invalid_request, "There is no certificate in " + path + ": it should hold -----BEGIN CERTIFICATE-----.", ""};
  std::tm end{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1) {
    return Error{ErrorCode::invalid_request, "The certificate in " + path + " does not say when it ends.", ""};
  }
  return CertificateFacts{show_fingerprint(peer_certificate(certificate.get()).fingerprint), timegm(&end)};
}

std::optional<std::string> parse_fingerprint(std::string_view text) {
  text = without_blanks(text);
  for (const std::string_view before : {"sha256:", "sha256 fingerprint="}) {
    if (text.size() > before.size() && equals_ignoring_case(text.substr(0, before.size()), before)) text.remove_prefix(before.size());
  }
  std::string digits;
  for (const char c : text) {
    if (c == ':') continue;
    if (hex_value(c) < 0) return std::nullopt;
    digits += to_lower(c);
  }
  if (digits.size() != 2 * sizeof(Sha256Digest)) return std::nullopt;
  return digits;
}

std::string show_fingerprint(std::string_view digits) {
  std::string shown;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && i % 2 == 0) shown += ':';
    shown += digits[i] >= 'a' ? static_cast<char>(digits[i] - ('a' - 'A')) : digits[i];
  }
  return shown;
}

}  // namespace penstock::http
