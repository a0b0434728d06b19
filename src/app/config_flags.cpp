#include "app/config_flags.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/loader.hpp"
#include "config/option.hpp"

extern char** environ;  // NOLINT

namespace penstock::app {
namespace {

class ConfigFlags {
 public:
  void add_to(CLI::App& command) {
    command.add_option("--config", file_, "A file with options, in TOML")->envname("PENSTOCK_CONFIG");
    const config::Config defaults;
    const auto add = [&](const std::string& flag, const config::Option& option) {
      CLI::Option* added = command.add_option_function<std::string>(
          flag, [this, key = option.key](const std::string& v) { flags_.emplace_back(key, v); }, option.description);
      if (const std::string value = option.get(defaults); !value.empty()) added->default_str(value);
      return added;
    };
    // The two that nearly everybody gives have short names as well.
    add("--data-dir", *config::find_option("data_dir"));
    add("--listen", *config::find_option("http.listen"));
    for (const config::Option& option : config::options()) {
      add("--" + option.key, option)->group("Options (also " + config::environment_name("…") + " in the environment, and in the file)");
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

void configured(CLI::App& command, int& exit_code, std::function<int(const config::Config&)> action) {
  const auto flags = std::make_shared<ConfigFlags>();
  flags->add_to(command);
  command.callback([&exit_code, flags, action = std::move(action)] {
    config::Config config;
    exit_code = flags->load(config) ? action(config) : 2;
  });
}

}  // namespace penstock::app
