#include "app/server_flags.hpp"

namespace penstock::app {

void add_server_flags(CLI::App& command, std::string& url, std::string& token, const std::string& whose_token, http::ClientTls& tls) {
  command.add_option("--url", url, "The server")->envname("PENSTOCK_URL")->capture_default_str();
  command.add_option("--token", token, whose_token)->envname("PENSTOCK_TOKEN");
  command.add_option("--ca-file", tls.ca_file, "PEM file of who signs the server's certificate, or that certificate itself; default: the system's")
      ->envname("PENSTOCK_CA_FILE");
  // One value each: the word behind it may be a file.
  command.add_option("--pin", tls.pins, "SHA-256 fingerprint of the server's certificate, which alone is trusted then; repeatable")
      ->envname("PENSTOCK_PIN")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_option("--client-certificate", tls.certificate_file, "PEM file by which the server knows this client")->envname("PENSTOCK_CLIENT_CERTIFICATE");
  command.add_option("--client-key", tls.key_file, "PEM file with its key")->envname("PENSTOCK_CLIENT_KEY");
}

}  // namespace penstock::app
