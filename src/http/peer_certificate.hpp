// What of the other end's certificate is told to others. Of this room's insides.
#pragma once

#include <openssl/x509.h>

#include "http/request_head.hpp"

namespace penstock::http {

PeerCertificate peer_certificate(X509* certificate);

}  // namespace penstock::http
