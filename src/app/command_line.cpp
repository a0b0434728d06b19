#include "app/command_line.hpp"

#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "api/operations.hpp"
#include "app/agent_commands.hpp"
#include "app/arguments.hpp"
#include "app/backup_command.hpp"
#include "app/cert_command.hpp"
#include "app/config_check.hpp"
#include "app/config_flags.hpp"
#include "app/dead_letter_command.hpp"
#include "app/identity_command.hpp"
#include "app/journal_command.hpp"
#include "app/key_command.hpp"
#include "app/migrate_command.hpp"
#include "app/selftest_command.hpp"
#include "app/serve_command.hpp"
#include "config/loader.hpp"

namespace penstock::app {
namespace {

constexpr rlim_t kEnoughFiles = 65'536;

// The lower of the two limits is meant for programs that use select(): often 1,024, a quarter of the connections that we can hold.
void use_the_whole_file_limit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max == RLIM_INFINITY ? kEnoughFiles : std::max(files.rlim_cur, std::min(files.rlim_max, kEnoughFiles));
  setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace

int run(int argc, char** argv) {
  use_the_whole_file_limit();
  CLI::App program{"Penstock takes in logs and metrics, holds them safely, and gives them back fast.", "penstock"};
  program.require_subcommand(1);
  int exit_code = 0;
  const auto on_config = [&exit_code](CLI::App& command, std::function<int(const config::Config&)> action) {
    configured(command, exit_code, std::move(action));
  };

  on_config(*program.add_subcommand("serve", "Run the server"),
            [](const config::Config& config) { return serve(config); });

  CLI::App* migrate = program.add_subcommand("migrate", "The database schema");
  migrate->require_subcommand(1);
  on_config(*migrate->add_subcommand("up", "Apply all steps that are missing"),
            [](const config::Config& config) { return migrate_up(config); });
  int steps = 1;
  CLI::App* down = migrate->add_subcommand("down", "Take back the newest steps, with the data they hold");
  down->add_option("--steps", steps, "How many")->check(CLI::Range(1, 1000));
  on_config(*down, [&steps](const config::Config& config) { return migrate_down(config, steps); });
  on_config(*migrate->add_subcommand("status", "Which steps are applied"),
            [](const config::Config& config) { return migrate_status(config); });

  CLI::App* config_command = program.add_subcommand("config", "The configuration");
  config_command->require_subcommand(1);
  on_config(*config_command->add_subcommand("check", "Tell all that is wrong with it, and try addresses, certificates, database and token; changes nothing"), [](const config::Config& config) {
    return check_config(config);
  });
  on_config(*config_command->add_subcommand("print", "Print it as it is in force, as TOML"),
            [](const config::Config& config) {
              std::cout << config::print(config);
              return 0;
            });

  add_identity_commands(program, exit_code);
  on_config(*program.add_subcommand("selftest", "Measure disk and CPU in the data folder, and tell what that means"),
            [](const config::Config& config) { return selftest(config); });
  add_journal_commands(program, exit_code);
  add_key_commands(program, exit_code);
  add_dead_letter_commands(program, exit_code);
  add_backup_commands(program, exit_code);
  add_cert_commands(program, exit_code);
  add_agent_command(program, exit_code);
  add_send_command(program, exit_code);

  program.add_subcommand("version", "Print the version")->callback([] {
    std::cout << "penstock " << api::version() << '\n';
  });
  program.add_subcommand("help", "What a command does and takes: penstock help agent");
  program.set_version_flag("--version,-V", "penstock " + std::string(api::version()), "Print the version");

  std::vector<std::string> arguments = take_arguments(argc, argv);
  if (arguments.empty()) {
    std::cerr << program.help();
    return 2;
  }
  if (const auto wrong = wrong_word(program, arguments)) {
    std::cerr << "penstock: " << *wrong << '\n';
    return 2;
  }
  try {
    program.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // as CLI11 wants them
  } catch (const CLI::ExtrasError& error) {
    const auto wrong = wrong_flag(program, arguments);
    if (!wrong) return program.exit(error) == 0 ? 0 : 2;
    std::cerr << "penstock: " << *wrong << '\n';
    return 2;
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : 2;
  }
  return exit_code;
}

}  // namespace penstock::app
