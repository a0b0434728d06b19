#include "http/client_tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/ssl/error.hpp>

#include "http/certificate.hpp"
#include "http/peer_certificate.hpp"

namespace penstock::http {
namespace {

Error tls_error(std::string message) { return {ErrorCode::io_error, std::move(message), "tls"}; }

std::string distrust(SSL* session, const std::string& unpinned) {
  const long why = SSL_get_verify_result(session);
  if (!unpinned.empty()) return "it is none of those pinned. Its fingerprint is " + show_fingerprint(unpinned);
  const bool named = why != X509_V_OK && why != X509_V_ERR_UNSPECIFIED;
  return named ? X509_verify_cert_error_string(why) : "it is for another name";
}

}  // namespace

Result<void> prepare_client_tls(boost::asio::ssl::context& context, ClientTls& tls) {
  namespace ssl = boost::asio::ssl;
  boost::system::error_code failed;
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  for (std::string& pin : tls.pins) {
    const auto parsed = parse_fingerprint(pin);
    if (!parsed) {
      return Error{ErrorCode::config_error, "\"" + pin + "\" is no fingerprint: give the SHA-256 of the server's certificate, 64 hexadecimal digits.", "pin"};
    }
    pin = *parsed;
  }
  if (tls.verify) {
    context.set_verify_mode(ssl::verify_peer, failed);
    if (!tls.ca_file.empty()) {
      context.load_verify_file(tls.ca_file, failed);
    } else if (tls.pins.empty()) {
      context.set_default_verify_paths(failed);
    }
    if (failed) {
      return Error{ErrorCode::config_error, "Cannot load trusted certificates" + (tls.ca_file.empty() ? "" : " from " + tls.ca_file) + ": " + failed.message() + ".", "ca_file"};
    }
  }
  if (tls.certificate_file.empty() != tls.key_file.empty()) {
    return Error{ErrorCode::config_error, "A client's certificate and its key belong together: give both.", "tls"};
  }
  if (tls.certificate_file.empty()) return {};
  context.use_certificate_chain_file(tls.certificate_file, failed);
  if (failed) return Error{ErrorCode::config_error, "Cannot use the certificate " + tls.certificate_file + ": " + failed.message() + ".", "tls"};
  context.use_private_key_file(tls.key_file, ssl::context::pem, failed);
  if (failed) return Error{ErrorCode::config_error, "Cannot use the key " + tls.key_file + ": " + failed.message() + ".", "tls"};
  return {};
}

std::string fingerprint_of(boost::asio::ssl::verify_context& chain) {
  X509* certificate = X509_STORE_CTX_get0_cert(chain.native_handle());
  return certificate == nullptr ? std::string() : peer_certificate(certificate).fingerprint;
}

std::optional<Error> tls_failure(const boost::system::error_code& failed, SSL* session, const std::string& server, const std::string& unpinned) {
  if (failed.category() != boost::asio::error::get_ssl_category()) return std::nullopt;
  switch (ERR_GET_REASON(static_cast<unsigned long>(failed.value()))) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED: return tls_error("The certificate of " + server + " is not trusted: " + distrust(session, unpinned) + ".");
    case SSL_R_WRONG_VERSION_NUMBER:
      return tls_error("The server does not speak TLS at " + server + ": use http://, or its port for TLS.");
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    case SSL_R_UNSUPPORTED_PROTOCOL: return tls_error(server + " speaks no version of TLS that is taken here (1.2 or 1.3).");
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED: return tls_error(server + " wants a certificate of its clients, and none was given.");
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_DECRYPT_ERROR:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED: return tls_error(server + " does not take this client's certificate: " + failed.message() + ".");
    default: return std::nullopt;
  }
}

}  // namespace penstock::http
