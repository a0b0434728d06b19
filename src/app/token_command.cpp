#include "app/token_command.hpp"

#include <iostream>

#include "app/database.hpp"
#include "app/failed.hpp"
#include "auth/bootstrap_token.hpp"

namespace penstock::app {

int create_token(const config::Config& config) {
  const auto data_dir = existing_data_dir(config.data_dir);
  if (!data_dir) return failed(data_dir.error());
  if (!config.auth.admin_token.empty()) {
    std::cerr << "penstock: The administrator's token is set by PENSTOCK_ADMIN_TOKEN or auth.admin_token, which would win at the server's next start: "
                 "change it there. Nothing was changed.\n";
    return 1;
  }
  if (!config.auth.bootstrap) {
    std::cerr << "penstock: The first administrator's token is switched off (auth.bootstrap). Nothing was changed.\n";
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
  std::cerr << "This is the administrator's token from now on, for a running server too; the old one counts no more.\n";
  return 0;
}

}  // namespace penstock::app
