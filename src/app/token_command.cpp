#include "app/token_command.hpp"

#include <filesystem>
#include <iostream>

#include "app/database.hpp"
#include "auth/bootstrap_token.hpp"

namespace penstock::app {

int create_token(const config::Config& config) {
  if (!std::filesystem::is_directory(config.data_dir)) {
    std::cerr << "penstock: " << config.data_dir << " is no folder: give the server's with --data-dir.\n";
    return 1;
  }
  const auto data_dir = prepare_data_dir(config.data_dir);
  if (!data_dir) {
    std::cerr << "penstock: " << data_dir.error().message << '\n';
    return 1;
  }
  auto token =
      auth::BootstrapToken::replace({.data_dir = *data_dir, .token_from_environment = "", .default_deployment = ""});
  if (!token) {
    std::cerr << "penstock: " << token.error().message << '\n';
    return 1;
  }
  std::cout << token->new_token() << '\n' << std::flush;
  if (!std::cout) {
    std::cerr << "penstock: The new token cannot be shown, so the old one stays.\n";
    return 1;
  }
  if (auto saved = token->save(); !saved) {
    std::cerr << "penstock: " << saved.error().message << '\n';
    return 1;
  }
  std::cerr << "This is the administrator's token from the server's next start on; the old one ends then.\n";
  return 0;
}

}  // namespace penstock::app
