#include "app/dead_letter_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "agent/dead_letter_client.hpp"
#include "app/failed.hpp"
#include "app/server_flags.hpp"

namespace penstock::app {
namespace {

using agent::DeadLetterClient;

struct Wish {
  agent::DeadLetterOptions options;
  std::vector<std::string> ids;
  bool all = false;
};

int told(const Result<void>& done) { return done ? 0 : failed(done.error(), 2); }

int change(const Wish& wish, DeadLetterClient::Change what) {
  DeadLetterClient client(wish.options);
  std::vector<std::string> ids = wish.ids;
  if (wish.all) {
    auto there = client.ids();
    if (!there) return failed(there.error(), 2);
    ids = std::move(*there);
  }
  const auto failures = client.change(what, ids, std::cout, std::cerr);
  if (!failures) return failed(failures.error(), 2);
  return *failures == 0 ? 0 : 1;
}

// Every command has a wish of its own: the environment is read for all of them, whichever was called.
CLI::App* add(CLI::App& parent, const char* name, const char* description, const std::shared_ptr<Wish>& wish) {
  CLI::App* command = parent.add_subcommand(name, description);
  add_server_flags(*command, wish->options.url, wish->options.token, "An administrator's", wish->options.tls);
  return command;
}

void add_change(CLI::App& parent, const char* name, const char* description, DeadLetterClient::Change what,
                int& exit_code) {
  const auto wish = std::make_shared<Wish>();
  CLI::App* command = add(parent, name, description, wish);
  CLI::Option* ids = command->add_option("id", wish->ids, "As ls shows them");
  command->add_flag("--all", wish->all, "All there are now")->excludes(ids);
  command->callback([wish, what, &exit_code] {
    if (wish->ids.empty() && !wish->all) throw CLI::RequiredError("id or --all");
    exit_code = change(*wish, what);
  });
}

}  // namespace

void add_dead_letter_commands(CLI::App& program, int& exit_code) {
  CLI::App* command = program.add_subcommand("dead-letter", "Records that the store could not take, on a running server");
  command->require_subcommand(1);
  const auto listed = std::make_shared<Wish>();
  add(*command, "ls", "Id, time, reason, deployment, kind and detail of each", listed)->callback([listed, &exit_code] {
    exit_code = told(DeadLetterClient(listed->options).list(std::cout));
  });
  const auto shown = std::make_shared<Wish>();
  CLI::App* show = add(*command, "show", "One with its record, as JSON", shown);
  show->add_option("id", shown->ids, "As ls shows it")->required()->expected(1);
  show->callback([shown, &exit_code] {
    exit_code = told(DeadLetterClient(shown->options).show(shown->ids.front(), std::cout));
  });
  add_change(*command, "replay", "Send their records the normal way again; a letter goes when the journal has its record",
             DeadLetterClient::Change::replay, exit_code);
  add_change(*command, "discard", "Let them go for good", DeadLetterClient::Change::discard, exit_code);
}

}  // namespace penstock::app
