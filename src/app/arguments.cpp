#include "app/arguments.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstring>
#include <string_view>

#include "config/option.hpp"

namespace penstock::app {
namespace {

bool is_secret_flag(std::string_view flag) {
  if (flag == "--token") return true;
  const config::Option* option = flag.starts_with("--") ? config::find_option(flag.substr(2)) : nullptr;
  return option != nullptr && option->secret;
}

void overwrite(char* text) { std::memset(text, '*', std::strlen(text)); }

// How many letters must be changed, added or left out to come from one word to the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)}));
    }
  }
  return row.back();
}

std::vector<const CLI::App*> commands_of(const CLI::App& command) { return command.get_subcommands([](const CLI::App*) { return true; }); }

const CLI::App* command_named(const CLI::App& command, const std::string& name) {
  for (const CLI::App* one : commands_of(command)) {
    if (one->get_name() == name) return one;
  }
  return nullptr;
}

std::vector<std::string> names_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* one : commands_of(command)) names.push_back(one->get_name());
  return names;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// Empty when none is near.
std::string nearest_name(const std::string& word, const std::vector<std::string>& names) {
  std::size_t least = 3;
  std::string nearest;
  for (const std::string& name : names) {
    const std::size_t far = distance(word, name);
    if (far < least) nearest = name;
    least = std::min(least, far);
  }
  return nearest;
}

std::string question(const std::string& before, const std::string& name) { return name.empty() ? "" : " (is it `" + before + name + "`?)"; }

}  // namespace

std::vector<std::string> take_arguments(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + std::max(argc, 1));
  bool secret = false;
  for (int i = 1; i < argc; ++i) {
    char* const equals = std::strchr(argv[i], '=');
    if (std::exchange(secret, false)) {
      overwrite(argv[i]);
    } else if (equals != nullptr && is_secret_flag({argv[i], static_cast<std::size_t>(equals - argv[i])})) {
      overwrite(equals + 1);
    } else {
      secret = is_secret_flag(argv[i]);
    }
  }
  if (!arguments.empty() && arguments.front() == "help") {
    arguments.erase(arguments.begin());
    arguments.emplace_back("--help");
  }
  return arguments;
}

std::optional<std::string> wrong_word(const CLI::App& program, const std::vector<std::string>& arguments) {
  const CLI::App* command = &program;
  std::string said = "penstock";
  for (const std::string& word : arguments) {
    if (commands_of(*command).empty() || word.starts_with('-')) return std::nullopt;
    if (const CLI::App* next = command_named(*command, word)) {
      command = next;
      said += ' ' + word;
      continue;
    }
    return "There is no command `" + said + ' ' + word + "`" + question(said + ' ', nearest_name(word, names_of(*command))) + "; there are: " +
           joined(names_of(*command)) + ". `" + said + " --help` says what each does.";
  }
  if (commands_of(*command).empty()) return std::nullopt;
  return "`" + said + "` takes one of these words behind it: " + joined(names_of(*command)) + ". `" + said + " --help` says what each does.";
}

std::optional<std::string> wrong_flag(const CLI::App& program, const std::vector<std::string>& arguments) {
  const CLI::App* command = &program;
  std::string said = "penstock";
  for (const std::string& word : arguments) {
    if (!word.starts_with('-')) {
      const CLI::App* next = command_named(*command, word);
      if (next != nullptr) said += ' ' + word;
      command = next != nullptr ? next : command;
      continue;
    }
    const std::string flag = word.substr(0, word.find('='));
    if (!flag.starts_with("--") || command->get_option_no_throw(flag) != nullptr) continue;
    std::vector<std::string> flags;
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
    }
    return "`" + said + "` takes no " + flag + question("", nearest_name(flag, flags)) + ". `" + said + " --help` says what it takes.";
  }
  return std::nullopt;
}

}  // namespace penstock::app
