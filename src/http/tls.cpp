#include "http/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <string_view>

namespace penstock::http {
namespace {

constexpr int kDeepestChain = 4;
constexpr long kMostCertificateBytes = 32 * 1024;
constexpr std::string_view kProtocols("\x08http/1.1", 9);

// Without an overlap the handshake goes on without ALPN: clients that offer only h2 still may speak HTTP/1.1.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
  unsigned char* chosen = nullptr;
  const auto* ours = static_cast<const unsigned char*>(static_cast<const void*>(kProtocols.data()));
  const int found = SSL_select_next_proto(&chosen, out_size, ours, kProtocols.size(), offered, offered_size);
  if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

// A certificate that a client shows must be good; whether it must show one is an option.
Result<void> ask_clients(boost::asio::ssl::context& context, const TlsOptions& options) {
  SSL_CTX* native = context.native_handle();
  if (options.client_ca_file.empty()) {
    if (!options.client_required) return {};
    return Error{ErrorCode::config_error, "http.tls_client_required needs http.tls_client_ca: the certificates by which clients are known.", "http.tls_client_ca"};
  }
  boost::system::error_code failed;
  context.load_verify_file(options.client_ca_file, failed);
  STACK_OF(X509_NAME)* names = failed ? nullptr : SSL_load_client_CA_file(options.client_ca_file.c_str());
  if (names == nullptr) {
    return Error{ErrorCode::config_error, "Cannot use the certificates of clients " + options.client_ca_file + ": " +
                                              (failed ? failed.message() : std::string("there is none in it")) + ".", "http.tls_client_ca"};
  }
  SSL_CTX_set_client_CA_list(native, names);  // which it owns from now on
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER | (options.client_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
  SSL_CTX_set_verify_depth(native, kDeepestChain);
  SSL_CTX_set_max_cert_list(native, kMostCertificateBytes);
  // A session that is taken up again would carry a certificate that was good once.
  SSL_CTX_set_options(native, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(native, 0);
  return {};
}

}  // namespace

Result<std::shared_ptr<boost::asio::ssl::context>> make_server_tls(const TlsOptions& options) {
  namespace ssl = boost::asio::ssl;
  const auto refused = [](const std::string& what, const std::string& file, const boost::system::error_code& failed) {
    return Error{ErrorCode::config_error, "Cannot use the TLS " + what + " " + file + ": " + failed.message() + ".",
        "tls"};
  };
  try {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    SSL_CTX* native = context->native_handle();
    SSL_CTX_set_min_proto_version(native, options.allow_tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20");
    // Idle connections keep no buffers (tls_session.cpp), and no session is remembered: memory stays bounded.
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
    boost::system::error_code failed;
    context->use_certificate_chain_file(options.certificate_file, failed);
    if (failed) return refused("certificate", options.certificate_file, failed);
    context->use_private_key_file(options.key_file, ssl::context::pem, failed);
    const bool foreign = failed && ERR_GET_REASON(static_cast<unsigned long>(failed.value())) == X509_R_KEY_VALUES_MISMATCH;
    if (foreign || (!failed && SSL_CTX_check_private_key(native) != 1)) {
      return Error{ErrorCode::config_error, "The TLS key " + options.key_file + " does not belong to the certificate " + options.certificate_file + ".", "tls"};
    }
    if (failed) return refused("key", options.key_file, failed);
    if (auto asked = ask_clients(*context, options); !asked) return asked.error();
    return context;
  } catch (const std::exception& error) {
    return Error{ErrorCode::config_error, std::string("Cannot set up TLS: ") + error.what(), "tls"};
  }
}

}  // namespace penstock::http
