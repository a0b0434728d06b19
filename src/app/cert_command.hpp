// `penstock cert`: a certificate to start with, and the fingerprint of one.
#pragma once

namespace CLI {
class App;
}

namespace penstock::app {

void add_cert_commands(CLI::App& program, int& exit_code);

}  // namespace penstock::app
