#include "app/identity_command.hpp"

#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>
#include <memory>
#include <string>

#include "api/identity_cli.hpp"
#include "app/config_flags.hpp"
#include "app/failed.hpp"
#include "app/identity.hpp"
#include "app/open_database.hpp"
#include "app/token_command.hpp"
#include "http/certificate.hpp"
#include "backup/backup.hpp"
#include "core/system_clock.hpp"
#include "journal/posix_file_system.hpp"
#include "metrics/registry.hpp"
#include "postgres/migrations.hpp"

namespace penstock::app {
namespace {

using Work = std::function<int(api::IdentityCli&)>;

// Where the command works: a server's address, or empty.
struct Where {
  std::string url, token;
};

int ended(const Result<void>& done) { return done ? 0 : failed(done.error()); }

int on_database(const config::Config& config, const Work& work) {
  Result<std::string> data_dir = std::string();
  bool running = false;
  std::unique_ptr<File> lock;  // no server begins while it is held
  journal::PosixFileSystem files;
  if (config.database.connection.url.empty()) {
    data_dir = existing_data_dir(config.data_dir);
    if (!data_dir) return failed(data_dir.error());
    const auto used = backup::in_use(files, *data_dir, lock);
    if (!used) return failed(used.error());
    running = *used;
  }
  log::set_level("warn");
  OpenDatabase database;
  if (auto opened = database.open(config, *data_dir, running); !opened) return failed(opened.error());
  if (auto applied = postgres::Migrations(database.connection()).up(); !applied) return failed(applied.error());
  postgres::Options options = config.database;
  options.connection = database.connection();
  SystemClock clock;
  metrics::Registry metrics;
  Identity identity(options, clock, {}, metrics);
  identity.audit.start();
  api::RouteTable table;
  identity.routes.add_routes(table);
  api::IdentityCli cli(api::call_here(table, "command-line"));
  const int code = work(cli);
  identity.stop();
  return code;
}

// Without an echo, twice, when somebody types; else the first line of standard input.
Result<std::string> read_password() {
  const auto line = []() -> std::string {
    std::string text;
    std::getline(std::cin, text);
    if (text.ends_with('\r')) text.pop_back();
    return text;
  };
  termios before{};
  if (isatty(STDIN_FILENO) == 0 || tcgetattr(STDIN_FILENO, &before) != 0) return line();
  termios silent = before;
  silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  std::cerr << "Password: " << std::flush;
  const std::string first = line();
  std::cerr << "\nOnce more: " << std::flush;
  const std::string second = line();
  std::cerr << '\n';
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  if (first != second) return Error{ErrorCode::invalid_request, "The two are not the same; nothing was changed.", ""};
  return first;
}

int with_password(const std::function<Result<void>(const std::string&)>& use) {
  const auto password = read_password();
  if (!password) return failed(password.error());
  if (password->empty()) return failed({ErrorCode::invalid_request, "The password is empty: type it, or give it on standard input; nothing was changed.", ""});
  return ended(use(*password));
}

// A command that works on a server or on the database.
CLI::App* add(CLI::App& parent, const char* name, const char* description, int& exit_code, Work work) {
  const auto where = std::make_shared<Where>();
  CLI::App* command = parent.add_subcommand(name, description);
  command->add_option("--url", where->url, "A running server; without it the database of the configuration");
  command->add_option("--token", where->token, "An administrator's, for --url")->envname("PENSTOCK_TOKEN");
  configured(*command, exit_code, [where, work = std::move(work)](const config::Config& config) {
    if (where->url.empty()) return on_database(config, work);
    api::IdentityCli cli(api::call_server(where->url, where->token));
    return work(cli);
  });
  return command;
}

void add_user_commands(CLI::App& program, int& exit_code) {
  CLI::App* user = program.add_subcommand("user", "Who may log in");
  user->require_subcommand(1);
  const auto wish = std::make_shared<api::NewUser>();
  const auto no_password = std::make_shared<bool>(false);
  CLI::App* added = add(*user, "add", "Add a user; the password is typed, or comes on standard input", exit_code, [wish, no_password](api::IdentityCli& cli) {
    if (*no_password) return ended(cli.add_user(*wish));
    return with_password([&](const std::string& password) {
      wish->password = password;
      return cli.add_user(*wish);
    });
  });
  added->add_option("name", wish->name, "As it is typed at the log-in")->required();
  added->add_option("--full-name", wish->full_name, "For people");
  added->add_option("--role", wish->roles, "viewer, operator, administrator or one of your own; viewer:shop is in one deployment only");
  added->add_flag("--no-password", *no_password, "The user cannot log in until there is one");

  add(*user, "list", "All of them, with what they may do", exit_code, [](api::IdentityCli& cli) { return ended(cli.list_users(std::cout)); });

  const auto named = [&](const char* command, const char* description, std::function<int(api::IdentityCli&, const std::string&)> work) {
    const auto name = std::make_shared<std::string>();
    add(*user, command, description, exit_code, [name, work = std::move(work)](api::IdentityCli& cli) { return work(cli, *name); })
        ->add_option("name", *name, "As list shows it")
        ->required();
  };
  named("passwd", "Set a user's password; it is typed, or comes on standard input. All the user's sessions end",
        [](api::IdentityCli& cli, const std::string& name) {
          return with_password([&](const std::string& password) { return cli.set_password(name, password); });
        });
  named("disable", "Nothing of the user's is taken any more, sessions and tokens included",
        [](api::IdentityCli& cli, const std::string& name) { return ended(cli.disable_user(name, true)); });
  named("enable", "Undo disable", [](api::IdentityCli& cli, const std::string& name) { return ended(cli.disable_user(name, false)); });
  named("remove", "Remove a user with the user's tokens", [](api::IdentityCli& cli, const std::string& name) { return ended(cli.remove_user(name)); });
}

void add_token_commands(CLI::App& program, int& exit_code) {
  CLI::App* token = program.add_subcommand("token", "What programs send instead of a password");
  token->require_subcommand(1);
  const auto wish = std::make_shared<api::NewToken>();
  const auto where = std::make_shared<Where>();
  CLI::App* created = token->add_subcommand(
      "create", "Make a token and print it once. With a name: one with the rights given. Without: a new first administrator's token in place of the old one");
  created->add_option("name", wish->name, "What it is for");
  created->add_option("--right", wish->rights, "ingest, ingest:logs, ingest:metrics, logs:read, metrics:read, deployment:read, custom_metrics:read, "
                                               "logs:delete, admin, audit:read");
  created->add_option("--deployment", wish->deployment, "Where it has them; * is everywhere")->capture_default_str();
  created->add_option("--source", wish->sources, "Only of these sources; a pattern such as pi-* stands for many");
  created->add_option("--custom-metric", wish->custom_metrics, "Of declared metrics only these, by name or pattern, for custom_metrics:read");
  created->add_option("--default-deployment", wish->default_deployment, "Of records that name none");
  created->add_option("--owner", wish->owner, "A user: it may never more than that user");
  created->add_option("--ttl", wish->ttl, "How long it is valid: 90d, or never");
  created->add_option("--certificate", wish->certificate, "No token: the TLS client that shows this certificate has the rights. A file, or a SHA-256 fingerprint");
  created->add_option("--url", where->url, "A running server; without it the database of the configuration");
  created->add_option("--token", where->token, "An administrator's, for --url")->envname("PENSTOCK_TOKEN");
  configured(*created, exit_code, [wish, where](const config::Config& config) {
    if (wish->name.empty()) {
      if (where->url.empty() && wish->rights.empty() && wish->ttl.empty() && wish->owner.empty() && wish->certificate.empty()) return create_token(config);
      return failed({ErrorCode::invalid_request, "Say what the token is for: penstock token create NAME --right ingest --deployment shop.", ""}, 2);
    }
    if (!wish->certificate.empty() && !http::parse_fingerprint(wish->certificate)) {
      const auto facts = http::certificate_facts(wish->certificate);
      if (!facts) return failed(facts.error(), 2);
      wish->certificate = facts->fingerprint;
    }
    const auto work = [wish](api::IdentityCli& cli) { return ended(cli.create_token(*wish, std::cout)); };
    if (where->url.empty()) return on_database(config, work);
    api::IdentityCli cli(api::call_server(where->url, where->token));
    return work(cli);
  });
  add(*token, "list", "All of them, with what they may do; the tokens themselves are nowhere kept", exit_code,
      [](api::IdentityCli& cli) { return ended(cli.list_tokens(std::cout)); });
  const auto id = std::make_shared<std::string>();
  add(*token, "revoke", "From now on the token is worth nothing", exit_code, [id](api::IdentityCli& cli) { return ended(cli.revoke_token(*id)); })
      ->add_option("id", *id, "As list shows it")
      ->required();
}

void add_metric_commands(CLI::App& program, int& exit_code) {
  CLI::App* metric = program.add_subcommand("metric", "Custom metrics: what is declared of metrics, by name or pattern");
  metric->require_subcommand(1);
  const auto wish = std::make_shared<api::NewMetric>();
  CLI::App* declared = add(*metric, "declare", "Declare a metric, or change what is declared of it. Reading it needs the right custom_metrics:read from then on", exit_code,
                           [wish](api::IdentityCli& cli) { return ended(cli.declare_metric(*wish)); });
  declared->add_option("name", wish->name, "Its name, or a pattern such as orders.*")->required();
  declared->add_option("--deployment", wish->deployment, "Where; * is everywhere")->capture_default_str();
  declared->add_option("--unit", wish->unit, "As bytes, s, %, orders");
  declared->add_option("--description", wish->description, "What it tells");
  declared->add_option("--min", wish->least, "Smaller values are refused");
  declared->add_option("--max", wish->most, "Larger values are refused");
  add(*metric, "list", "All that is declared", exit_code, [](api::IdentityCli& cli) { return ended(cli.list_metrics(std::cout)); });
  const auto id = std::make_shared<std::string>();
  add(*metric, "remove", "It is a plain metric again; what is stored of it stays", exit_code, [id](api::IdentityCli& cli) { return ended(cli.remove_metric(*id)); })
      ->add_option("id", *id, "As list shows it")
      ->required();
}

}  // namespace

void add_identity_commands(CLI::App& program, int& exit_code) {
  add_user_commands(program, exit_code);
  add_token_commands(program, exit_code);
  add_metric_commands(program, exit_code);
  CLI::App* audit = program.add_subcommand("audit", "The log of who did what");
  audit->require_subcommand(1);
  add(*audit, "verify", "Tell whether a row was changed, left out or added; print the hash of the last one to compare later", exit_code,
      [](api::IdentityCli& cli) {
        const auto intact = cli.verify_audit(std::cout);
        if (!intact) return failed(intact.error());
        return *intact ? 0 : 1;
      });
}

}  // namespace penstock::app
