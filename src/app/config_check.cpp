#include "app/config_check.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "app/sealing.hpp"
#include "auth/bootstrap_token.hpp"
#include "auth/oidc_options.hpp"
#include "http/tls.hpp"
#include "journal/posix_file_system.hpp"
#include "postgres/migrations.hpp"
#include "postgres/running_server.hpp"
#include "postgres/server_binaries.hpp"

namespace penstock::app {
namespace {

bool is_loopback(const std::string& address) { return address.starts_with("127.") || address == "::1" || address == "localhost"; }

Error wrong(std::string message, std::string key) { return {ErrorCode::config_error, key + ": " + std::move(message), key}; }

class Check {
 public:
  explicit Check(const config::Config& config) : config_(config) {}

  int run() {
    say(check_plain_http(config_));
    say(data_dir());
    say(sealing());
    say(address());
    if (!config_.http.tls.certificate_file.empty()) {
      if (const auto tls = http::make_server_tls(config_.http.tls); !tls) say(tls.error());
    }
    say(token());
    if (const auto oidc = auth::check_oidc_options(config_.oidc); !oidc) say(oidc.error());
    say(database());
    say(web());
    if (!good_) return 1;
    std::cout << "The configuration is good.\n";
    return 0;
  }

 private:
  void say(const Result<void>& checked) {
    if (checked) return;
    good_ = false;
    std::cerr << "penstock: " << checked.error().message << '\n';
  }
  void note(const std::string& text) { std::cerr << "penstock: note: " << text << '\n'; }

  // It need not be there yet; then the nearest folder above it must let us make it.
  Result<void> data_dir() const {
    std::error_code problem;
    const auto wanted = std::filesystem::absolute(config_.data_dir, problem).lexically_normal();
    std::filesystem::path there = wanted;
    while (!std::filesystem::exists(there, problem) && there.has_parent_path() && there != there.parent_path()) there = there.parent_path();
    if (!std::filesystem::is_directory(there, problem)) return wrong(there.string() + " is no folder.", "data_dir");
    if (::access(there.c_str(), W_OK | X_OK) != 0) return wrong("this user may not write to " + there.string() + ": " + std::strerror(errno) + ".", "data_dir");
    return {};
  }

  // Keys that are missing are made at the first start; those that are there must be the right ones.
  Result<void> sealing() const {
    journal::PosixFileSystem files;
    auto opened = open_seal(config_, files, config_.data_dir, seal::Missing::leave);
    return opened ? Result<void>() : Result<void>(opened.error());
  }

  Result<void> address() {
    const std::string& host = config_.http.address;
    const std::string told = host + " port " + std::to_string(config_.http.port);
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_PASSIVE;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host == "localhost" ? "127.0.0.1" : host.c_str(), std::to_string(config_.http.port).c_str(), &hints, &found) != 0) {
      return wrong(host + " is no address: give one of this machine, such as 127.0.0.1 or 0.0.0.0.", "http.listen");
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> kept(found, &::freeaddrinfo);
    const int socket = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const int code = ::bind(socket, found->ai_addr, found->ai_addrlen) == 0 ? 0 : errno;
    ::close(socket);
    if (code == EADDRINUSE) {
      note("http.listen: " + told + " is in use now, by a server that runs already or by another program.");
    } else if (code != 0) {
      return wrong("cannot listen on " + told + ": " + std::strerror(code) + ".", "http.listen");
    }
    return {};
  }

  Result<void> token() const {
    return auth::BootstrapToken::check({.data_dir = config_.data_dir, .token_from_environment = config_.auth.admin_token, .default_deployment = ""});
  }

  Result<void> database() {
    postgres::ConnectionOptions connection = config_.database.connection;
    const std::string directory = config_.data_dir + "/postgres";
    if (connection.url.empty()) {
      const auto running = postgres::running_server_url(directory);
      if (!running) {
        const auto programs = postgres::find_server_binaries(config_.private_postgres.bin_directory, std::nullopt);
        if (!programs) return programs.error();
        return {};
      }
      connection.url = *running;
    }
    const auto states = postgres::Migrations(connection).status();
    if (!states) return wrong(states.error().message, "database.url");
    for (const auto& state : *states) {
      if (!state.applied_at && !config_.migrate) {
        return wrong("the schema lacks step " + std::to_string(state.version) + " (" + state.name + "): run `penstock migrate up`, or leave database.migrate on.",
                     "database.migrate");
      }
    }
    return {};
  }

  Result<void> web() const {
    std::error_code problem;
    if (config_.web_dir.empty() || std::filesystem::exists(config_.web_dir + "/index.html", problem)) return {};
    return wrong("there is no index.html in " + config_.web_dir + ".", "web_dir");
  }

  const config::Config& config_;
  bool good_ = true;
};

}  // namespace

Result<void> check_plain_http(const config::Config& config) {
  if (!config.http.tls.certificate_file.empty() || is_loopback(config.http.address) || config.allow_plain_http) return {};
  return Error{ErrorCode::config_error,
               "Plain HTTP is served on loopback addresses only: give http.tls_certificate and http.tls_key, or set http.allow_plain to true behind a proxy "
               "that speaks TLS.",
               "http.listen"};
}

int check_config(const config::Config& config) { return Check(config).run(); }

}  // namespace penstock::app
