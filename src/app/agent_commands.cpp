#include "app/agent_commands.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "agent/agent.hpp"
#include "agent/input.hpp"
#include "agent/sealing.hpp"
#include "agent/sender.hpp"
#include "agent/transport.hpp"
#include "app/failed.hpp"
#include "app/server_flags.hpp"
#include "app/stop_signals.hpp"
#include "base/log.hpp"
#include "config/values.hpp"
#include "http/client.hpp"

namespace penstock::app {
namespace {

constexpr const char* kDefaultFiles[] = {"/var/log/*.log", "/var/log/syslog", "/var/log/messages",
                                         "/var/log/apt/*.log"};

// An option whose text is a duration, kept as milliseconds.
void add_duration(CLI::App& command, const std::string& name, std::chrono::milliseconds& place,
                  const std::string& description, std::optional<std::string> shown_default = std::nullopt) {
  command
      .add_option_function<std::string>(
          name,
          [&place, name](const std::string& text) {
            const auto parsed = config::parse_duration_or_zero(text);
            if (!parsed || *parsed <= 0) throw CLI::ValidationError(name, "must be a duration such as 500ms or 5s");
            place = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::nanoseconds(*parsed));
          },
          description)
      ->default_str(shown_default ? *shown_default : config::format_duration(std::chrono::nanoseconds(place).count()));
}

void add_bytes(CLI::App& command, const std::string& name, std::size_t& place, const std::string& description) {
  command
      .add_option_function<std::string>(
          name,
          [&place, name](const std::string& text) {
            const auto parsed = config::parse_bytes(text);
            if (!parsed || *parsed == 0) throw CLI::ValidationError(name, "must be a size such as 64MiB");
            place = *parsed;
          },
          description)
      ->default_str(config::format_bytes(place));
}

// What `agent` and `send` know about lines.
void add_line_options(CLI::App& command, agent::LineOptions& options) {
  command.add_flag("--line-time", options.line_time, "Lines that begin with a time get it, else the time of reading");
  command.add_option("--message-field", options.message_field, "Members of JSON lines that hold the message, before the usual ones (a,b.c)");
  command.add_option("--time-field", options.time_field, "The same for the time");
  command.add_option("--severity-field", options.severity_field, "The same for the severity");
  command.add_option("--source-field", options.source_field, "The same for the source");
  // Not an option with a value: the word behind it may be a file.
  CLI::Option* traces = command.add_flag_callback(
      "--multiline", [&options] { options.multiline = agent::Multiline::traces; },
      "Lines of a stack trace go with the line before: those that are indented, begin with \"Caused by:\", and the like");
  CLI::Option* time = command.add_flag_callback(
      "--multiline-time", [&options] { options.multiline = agent::Multiline::time; },
      "Lines that do not begin with a time go with the line before");
  time->excludes(traces);
}

// Until the server says that it is ready, or cannot be asked for a reason that stays: the agent will tell it. False when `stop` came first.
bool wait_ready(const std::string& url, const http::ClientTls& tls, const StopFlag& stop) {
  http::ClientOptions options;
  options.tls = tls;
  http::Client client(std::move(options));
  while (!stop) {
    const auto answer = client.request("GET", url + "/ready", {}, "", std::chrono::seconds(2));
    if (answer && answer->status == 200) return true;
    if (!answer && (answer.error().field == "tls" || answer.error().code == ErrorCode::config_error)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

}  // namespace

void add_agent_command(CLI::App& program, int& exit_code) {
  struct State {
    agent::AgentOptions options;
    seal::Options seal;
    bool wait = false, no_metrics = false, no_files = false, text = false;
  };
  auto state = std::make_shared<State>();
  agent::AgentOptions& options = state->options;
  CLI::App* command = program.add_subcommand("agent", "Send this machine's metrics and log files to a server");
  add_server_flags(*command, options.url, options.token, "A token that may send; better in the environment", options.tls);
  command->add_option("--deployment", options.deployment, "Where records go")->capture_default_str();
  command->add_option("--source", options.source, "Name of this machine; default: its host name");
  add_duration(*command, "--interval", options.interval, "Between samples");
  command->add_option("--file", options.files,
                      "Files to follow, by name or pattern (* and ? within a name, ** for folders below); repeatable; default: the usual ones below the "
                      "root's /var/log");
  command->add_flag("--from-start", options.from_start,
                    "Send what files hold already, not only what is appended from now on");
  add_line_options(*command, options.lines);
  command->add_flag("--text", state->text, "Every line is a message: JSON, Docker's and CRI's lines are not looked into");
  add_duration(*command, "--partial-line", options.partial_line, "Send a last line without its end after this; default: it waits as long as the file is there", "");
  command->add_option("--state-dir", options.state_dir, "Folder for offsets and what could not be sent yet")
      ->capture_default_str();
  command->add_option("--seal-cipher", state->seal.cipher, "What seals the buffer and refused records: auto, aes-256-gcm, chacha20-poly1305, fernet; none")
      ->check(CLI::IsMember({"auto", "aes-256-gcm", "chacha20-poly1305", "fernet", "none"}))
      ->capture_default_str();
  command->add_option("--seal-key-file", state->seal.key_file,
                      "File of the key; default: the systemd credential penstock-seal-key, else seal.key in the state folder, made at the first start");
  add_bytes(*command, "--buffer", options.buffer_bytes,
            "Kept on disk while the server cannot be reached; beyond half of it lines wait in their files, beyond it the oldest goes");
  command->add_option("--root", options.root, "Where this machine's / is seen (in a container)")->capture_default_str();
  command->add_flag("--no-metrics", state->no_metrics, "Only follow files");
  command->add_flag("--no-files", state->no_files, "Only sample metrics");
  command->add_flag("--wait-ready", state->wait, "Begin when the server is ready");
  command->callback([state, &exit_code] {
    agent::AgentOptions& chosen = state->options;
    chosen.metrics = !state->no_metrics;
    if (state->text) chosen.lines.format = agent::LineFormat::text;
    if (state->no_files) {
      chosen.files.clear();
    } else if (chosen.files.empty()) {
      const std::string root = chosen.root == "/" ? "" : chosen.root;
      for (const char* file : kDefaultFiles) chosen.files.push_back(root + file);
      chosen.say_unmatched = false;  // no machine has them all
    }
    if (const Result<void> checked = agent::check_server_url(chosen.url); !checked) {
      exit_code = failed(checked.error(), 2);
      return;
    }
    const StopFlag& stop = stop_on_signals();
    // Who reloads services after a change of logs' names means no harm: files are looked for all the time anyway.
    std::signal(SIGHUP, SIG_IGN);
    if (state->wait && !wait_ready(chosen.url, chosen.tls, stop)) {
      exit_code = 0;
      return;
    }
    auto sealing = agent::open_sealing(chosen.state_dir, state->seal);
    if (!sealing) {
      exit_code = failed(sealing.error(), 2);
      return;
    }
    chosen.sealer = sealing->get();
    exit_code = agent::Agent(chosen).run(stop);
  });
}

void add_send_command(CLI::App& program, int& exit_code) {
  struct State {
    agent::SendOptions options;
    std::vector<std::string> fields, files;
    bool json = false, text = false;
  };
  auto state = std::make_shared<State>();
  agent::SendOptions& options = state->options;
  CLI::App* command = program.add_subcommand("send", "Send files or standard input, one record a line");
  command->add_option("file", state->files, "Files to send, one after the other; - and default: standard input");
  add_server_flags(*command, options.url, options.token, "A token that may send; better in the environment", options.tls);
  command->add_option("--deployment", options.deployment, "Where records go; default: the token's");
  command->add_option("--source", options.source, "Of lines that name none; default: this machine's address");
  command->add_option("--severity", options.severity, "Of lines that name none; default: INFO");
  // One value each: the word behind it may be a file.
  command->add_option("--field", state->fields, "name=value, added to every line; repeatable")->allow_extra_args(false);
  add_line_options(*command, options.lines);
  command->add_option("--batch", options.batch, "Lines a request")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command->add_flag("--metrics", options.metrics, "Lines are points: JSON, or \"name value [timestamp]\"");
  command->add_flag("--json", state->json, "Every line is JSON");
  command->add_flag("--text", state->text, "No line is JSON")->excludes("--json");
  add_duration(*command, "--give-up", options.give_up, "How long to try to have one request taken");
  command->callback([state, &exit_code] {
    agent::SendOptions& chosen = state->options;
    for (const std::string& field : state->fields) {
      const std::size_t equals = field.find('=');
      if (equals == std::string::npos || equals == 0) throw CLI::ValidationError("--field", "must be name=value");
      chosen.fields.emplace_back(field.substr(0, equals), field.substr(equals + 1));
    }
    chosen.lines.format = state->json   ? agent::LineFormat::json
                          : state->text ? agent::LineFormat::text
                                        : agent::LineFormat::detect;
    const StopFlag& stop = stop_on_signals();
    std::vector<agent::NamedInput> inputs;
    if (state->files.empty()) state->files = {"-"};
    for (const std::string& file : state->files) {
      if (file == "-") {
        inputs.push_back({"", [&stop]() -> Result<std::unique_ptr<agent::Input>> { return agent::make_descriptor_input(STDIN_FILENO, stop); }});
      } else {
        inputs.push_back({file, [&stop, file] { return agent::open_file_input(file, stop); }});
      }
    }
    exit_code = agent::Sender(chosen).run(inputs, std::cout, std::cerr, stop);
  });
}

}  // namespace penstock::app
