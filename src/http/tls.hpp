// The server's side of TLS.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "http/server_options.hpp"
#include "penstock/core/result.hpp"

namespace penstock::http {

// config_error when the certificate or the key cannot be read or do not fit each other.
Result<std::shared_ptr<boost::asio::ssl::context>> make_server_tls(const TlsOptions& options);

}  // namespace penstock::http
