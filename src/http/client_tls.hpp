// Whom a client trusts over TLS, and who it says it is.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/verify_context.hpp>
#include <optional>
#include <string>

#include "http/client.hpp"

namespace penstock::http {

// Loads certificates and keys into the context. config_error names the file or the fingerprint that is of no use.
Result<void> prepare_client_tls(boost::asio::ssl::context& context, ClientTls& tls);

// The fingerprint of the server's own certificate, the one at the beginning of the chain.
std::string fingerprint_of(boost::asio::ssl::verify_context& chain);

// What went wrong in TLS terms, as an io_error with the field "tls"; nullopt when `failed` is something else. `unpinned`: the fingerprint of
// a certificate that is none of those pinned, or empty.
std::optional<Error> tls_failure(const boost::system::error_code& failed, SSL* session, const std::string& server, const std::string& unpinned);

}  // namespace penstock::http
