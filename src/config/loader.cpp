#include "config/loader.hpp"

#include <toml++/toml.h>

#include <cstdio>
#include <filesystem>
#include <set>
#include <sstream>

#include "config/option.hpp"
#include "config/values.hpp"

namespace penstock::config {
namespace {

// Variables of the environment that are not options of the server.
const std::set<std::string, std::less<>> kOtherVariables = {"PENSTOCK_ADMIN_TOKEN", "PENSTOCK_TOKEN", "PENSTOCK_URL",
                                                            "PENSTOCK_CONFIG", "PENSTOCK_CA_FILE", "PENSTOCK_PIN", "PENSTOCK_CLIENT_CERTIFICATE",
                                                            "PENSTOCK_CLIENT_KEY"};

// A service named "penstock" gives every pod of its namespace such variables.
bool of_a_kubernetes_service(std::string_view name) {
  return name.starts_with("PENSTOCK_SERVICE_") || name == "PENSTOCK_PORT" || name.starts_with("PENSTOCK_PORT_");
}

class Reading {
 public:
  explicit Reading(Loaded& loaded) : loaded_(loaded) {}

  void apply(const std::string& source, const std::string& key, std::string_view value) {
    const Option* option = find_option(key);
    if (option == nullptr) {
      fail(source + ": there is no option \"" + key + "\"" + suggestion(key) + ".", key);
      return;
    }
    if (auto set = option->set(loaded_.config, value); !set)
      fail(source + ": " + key + ": " + set.error().message, key);
  }

  void fail(std::string message, const std::string& key) {
    loaded_.errors.push_back(Error{ErrorCode::config_error, std::move(message), key});
  }

  void table(const std::string& file, const std::string& prefix, const toml::table& table) {
    for (const auto& [name, node] : table) {
      const std::string key = prefix + std::string(name.str());
      if (const toml::table* inner = node.as_table()) {
        this->table(file, key + ".", *inner);
        continue;
      }
      const std::string source = file + ":" + std::to_string(node.source().begin.line);
      if (const auto text = scalar(node)) {
        apply(source, key, *text);
      } else if (const toml::array* list = node.as_array()) {
        std::string joined;
        for (const toml::node& element : *list) {
          const auto item = scalar(element);
          if (!item) return fail(source + ": " + key + ": a list may hold text and numbers only.", key);
          joined += (joined.empty() ? "" : ",") + *item;
        }
        apply(source, key, joined);
      } else {
        fail(source + ": " + key + ": dates are not taken here; use text.", key);
      }
    }
  }

 private:
  static std::optional<std::string> scalar(const toml::node& node) {
    if (const auto text = node.value_exact<std::string>()) return *text;
    if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
    if (const auto truth = node.value_exact<bool>()) return *truth ? "true" : "false";
    if (const auto real = node.value_exact<double>()) {
      std::ostringstream out;
      out << *real;
      return out.str();
    }
    return std::nullopt;
  }

  static std::string suggestion(const std::string& key) {
    const std::string last = key.substr(key.rfind('.') + 1);
    for (const Option& option : options()) {
      if (option.key.substr(option.key.rfind('.') + 1) == last) return " (is it " + option.key + "?)";
    }
    return "";
  }

  Loaded& loaded_;
};

// Settings that are each in bounds, and together mean that a record of the largest size is refused for ever.
void check_room_for_records(Reading& reading, const Config& config) {
  const auto check = [&](const char* key, std::uint64_t room, std::uint64_t times) {
    const std::uint64_t needed = config.ingest.max_record_bytes * times;
    if (room >= needed) return;
    reading.fail(std::string(key) + " (" + format_bytes(room) + ") has no room for records of ingest.max_record (" +
                     format_bytes(config.ingest.max_record_bytes) + "): make it " + format_bytes(needed) + " at least, or ingest.max_record smaller.",
                 key);
  };
  check("ingest.in_flight", config.in_flight_bytes, 1);
  check("journal.queue", config.journal.queue_bytes, 2);
  check("journal.disk_budget", config.journal.disk_budget, 4);
}

// As TOML's basic strings want it; `text` is UTF-8.
void append_toml_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (const auto code = static_cast<unsigned char>(c); code < 0x20 || code == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", code);
      out += escape;
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
}

}  // namespace

Loaded load(const Sources& sources) {
  Loaded loaded;
  Reading reading(loaded);
  if (std::filesystem::is_directory(sources.file)) {
    reading.fail(sources.file + " is a folder: give the configuration file.", "");
  } else if (!sources.file.empty()) {
    try {
      const toml::table parsed = toml::parse_file(sources.file);
      reading.table(sources.file, "", parsed);
    } catch (const toml::parse_error& error) {
      std::ostringstream where;
      where << error.source().begin;
      reading.fail(sources.file + ": " + std::string(error.description()) + " (" + where.str() + ")", "");
    }
  }
  std::map<std::string, std::string> by_name;
  for (const Option& option : options()) by_name[environment_name(option.key)] = option.key;
  for (const auto& [name, value] : sources.environment) {
    if (!name.starts_with("PENSTOCK_")) continue;
    if (const auto known = by_name.find(name); known != by_name.end()) {
      reading.apply("environment", known->second, value);
    } else if (!kOtherVariables.contains(name) && !of_a_kubernetes_service(name)) {
      reading.fail("environment: there is no option for " + name + ".", name);
    }
  }
  for (const auto& [key, value] : sources.flags) reading.apply("command line", key, value);
  const auto& tls = loaded.config.http.tls;
  if (tls.certificate_file.empty() != tls.key_file.empty()) {
    reading.fail("http.tls_certificate and http.tls_key belong together: give both, or neither for plain HTTP.", "http.tls_certificate");
  }
  if (tls.certificate_file.empty() && (!tls.client_ca_file.empty() || tls.client_required)) {
    reading.fail("http.tls_client_ca and http.tls_client_required are for TLS: give http.tls_certificate and http.tls_key too.", "http.tls_client_ca");
  }
  check_room_for_records(reading, loaded.config);
  return loaded;
}

std::string print(const Config& config) {
  std::string out;
  for (const Option& option : options()) {
    out += "# " + option.description + "\n" + option.key + " = ";
    std::string value = option.get(config);
    if (option.secret && !value.empty()) value = "***";
    out += '"';
    append_toml_escaped(out, value);
    out += "\"\n";
  }
  return out;
}

}  // namespace penstock::config
