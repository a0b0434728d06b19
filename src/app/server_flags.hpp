// How a command reaches a server that runs: its address, a token, and whom it trusts.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "http/client.hpp"

namespace penstock::app {

// The places must outlive the command line's reading.
void add_server_flags(CLI::App& command, std::string& url, std::string& token, const std::string& whose_token, http::ClientTls& tls);

}  // namespace penstock::app
