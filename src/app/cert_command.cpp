#include "app/cert_command.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "app/failed.hpp"
#include "base/secret_file.hpp"
#include "http/certificate.hpp"

namespace penstock::app {
namespace {

struct CertWish {
  http::SelfSignedOptions options;
  std::string certificate_file = "penstock-cert.pem", key_file = "penstock-key.pem", file;
};

int make_certificate(const CertWish& wish) {
  for (const std::string& file : {wish.certificate_file, wish.key_file}) {
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) continue;
    return failed({ErrorCode::conflict, file + " is there already: take it away first, or name other files with --cert and --key.", ""});
  }
  const auto made = http::make_self_signed(wish.options);
  if (!made) return failed(made.error(), 2);
  if (const auto written = write_secret_file(wish.key_file, made->key); !written) return failed(written.error());
  if (const auto written = write_secret_file(wish.certificate_file, made->certificate, 0644); !written) return failed(written.error());
  const std::string& host = wish.options.names.front();
  const std::string shown = host.find(':') == std::string::npos ? host : "[" + host + "]";
  std::cout << made->fingerprint << '\n' << std::flush;
  std::cerr << "This is the SHA-256 fingerprint of " << wish.certificate_file << "; it ends in " << wish.options.days << " days. Its key in "
            << wish.key_file << " is for the server alone.\n"
            << "  the server:  penstock serve --http.tls_certificate " << wish.certificate_file << " --http.tls_key " << wish.key_file << '\n'
            << "  an agent:    penstock agent --url https://" << shown << ":8080 --pin " << made->fingerprint << '\n'
            << "  others:      curl --cacert " << wish.certificate_file << " https://" << shown << ":8080/ready\n";
  return std::cout ? 0 : 1;
}

}  // namespace

void add_cert_commands(CLI::App& program, int& exit_code) {
  CLI::App* command = program.add_subcommand("cert", "Certificates for TLS");
  command->require_subcommand(1);
  const auto wish = std::make_shared<CertWish>();
  CLI::App* create = command->add_subcommand("create", "Make a self-signed certificate and its key, for a start without an authority; prints its fingerprint");
  create->add_option("name", wish->options.names, "Host names and addresses under which it is reached")->required();
  create->add_option("--cert", wish->certificate_file, "Where the certificate goes")->capture_default_str();
  create->add_option("--key", wish->key_file, "Where its key goes, readable for its owner only")->capture_default_str();
  create->add_option("--days", wish->options.days, "How long it is good")->check(CLI::Range(1, 36'500))->capture_default_str();
  create->callback([wish, &exit_code] { exit_code = make_certificate(*wish); });
  CLI::App* show = command->add_subcommand("fingerprint", "Print the SHA-256 fingerprint of a certificate, as --pin takes it");
  show->add_option("file", wish->file, "PEM; the first certificate in it counts")->required();
  show->callback([wish, &exit_code] {
    const auto facts = http::certificate_facts(wish->file);
    if (!facts) {
      exit_code = failed(facts.error());
      return;
    }
    std::cout << facts->fingerprint << '\n';
  });
}

}  // namespace penstock::app
