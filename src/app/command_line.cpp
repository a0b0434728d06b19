#include "app/command_line.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/operations.hpp"
#include "app/agent_commands.hpp"
#include "app/migrate_command.hpp"
#include "app/serve_command.hpp"
#include "app/token_command.hpp"
#include "config/loader.hpp"
#include "config/option.hpp"

extern char** environ;  // NOLINT

namespace penstock::app {
namespace {

// What a command needs to know of the configuration: a file, and options as flags.
class ConfigFlags {
 public:
  void add_to(CLI::App& command) {
    command.add_option("--config", file_, "TOML file")->envname("PENSTOCK_CONFIG");
    command.add_option_function<std::string>(
        "--data-dir", [this](const std::string& v) { flags_.emplace_back("data_dir", v); }, "data_dir");
    command.add_option_function<std::string>(
        "--listen", [this](const std::string& v) { flags_.emplace_back("http.listen", v); }, "http.listen");
    for (const config::Option& option : config::options()) {
      command
          .add_option_function<std::string>(
              "--" + option.key, [this, key = option.key](const std::string& v) { flags_.emplace_back(key, v); },
              option.description)
          ->group("Options (also " + config::environment_name("…") + " in the environment, and in the file)");
    }
  }

  // False after all errors were printed.
  bool load(config::Config& config) const {
    config::Sources sources;
    sources.file = file_;
    sources.flags = flags_;
    for (char** entry = environ; *entry != nullptr; ++entry) {
      const std::string variable = *entry;
      const std::size_t equals = variable.find('=');
      if (equals != std::string::npos)
        sources.environment.emplace_back(variable.substr(0, equals), variable.substr(equals + 1));
    }
    config::Loaded loaded = config::load(sources);
    for (const Error& error : loaded.errors) std::cerr << "penstock: " << error.message << '\n';
    config = std::move(loaded.config);
    if (const char* token = std::getenv("PENSTOCK_ADMIN_TOKEN"); token != nullptr && config.auth.admin_token.empty()) {
      config.auth.admin_token = token;
    }
    return loaded.errors.empty();
  }

 private:
  std::string file_;
  std::vector<std::pair<std::string, std::string>> flags_;
};

}  // namespace

int run(int argc, char** argv) {
  CLI::App program{"Penstock takes in logs and metrics, holds them safely, and gives them back fast.", "penstock"};
  program.require_subcommand(1);
  int exit_code = 0;
  std::vector<std::unique_ptr<ConfigFlags>> kept;
  // A subcommand that runs on a configuration.
  const auto configured = [&](CLI::App& command, auto action) {
    kept.push_back(std::make_unique<ConfigFlags>());
    ConfigFlags* flags = kept.back().get();
    flags->add_to(command);
    command.callback([&exit_code, flags, action] {
      config::Config config;
      exit_code = flags->load(config) ? action(config) : 2;
    });
  };

  configured(*program.add_subcommand("serve", "Run the server"),
             [](const config::Config& config) { return serve(config); });

  CLI::App* migrate = program.add_subcommand("migrate", "The database schema");
  migrate->require_subcommand(1);
  configured(*migrate->add_subcommand("up", "Apply all steps that are missing"),
             [](const config::Config& config) { return migrate_up(config); });
  int steps = 1;
  CLI::App* down = migrate->add_subcommand("down", "Take back the newest steps, with the data they hold");
  down->add_option("--steps", steps, "How many")->check(CLI::Range(1, 1000));
  configured(*down, [&steps](const config::Config& config) { return migrate_down(config, steps); });
  configured(*migrate->add_subcommand("status", "Which steps are applied"),
             [](const config::Config& config) { return migrate_status(config); });

  CLI::App* config_command = program.add_subcommand("config", "The configuration");
  config_command->require_subcommand(1);
  configured(*config_command->add_subcommand("check", "Tell all that is wrong with it"), [](const config::Config&) {
    std::cout << "The configuration is good.\n";
    return 0;
  });
  configured(*config_command->add_subcommand("print", "Print it as it is in force, as TOML"),
             [](const config::Config& config) {
               std::cout << config::print(config);
               return 0;
             });

  CLI::App* token = program.add_subcommand("token", "The administrator's token");
  token->require_subcommand(1);
  configured(
      *token->add_subcommand("create", "Make a new administrator's token in place of the old one, and print it once"),
      [](const config::Config& config) { return create_token(config); });

  add_agent_command(program, exit_code);
  add_send_command(program, exit_code);

  program.add_subcommand("version", "Print the version")->callback([] {
    std::cout << "penstock " << api::version() << '\n';
  });

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : 2;
  }
  return exit_code;
}

}  // namespace penstock::app
