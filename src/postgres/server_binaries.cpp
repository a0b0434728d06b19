#include "postgres/server_binaries.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "postgres/child_process.hpp"

namespace penstock::postgres {
namespace {

namespace fs = std::filesystem;

bool holds_server(const std::string& directory) {
  return access((directory + "/postgres").c_str(), X_OK) == 0 && access((directory + "/initdb").c_str(), X_OK) == 0;
}

bool holds_client(const std::string& directory) {
  return access((directory + "/pg_dump").c_str(), X_OK) == 0 && access((directory + "/pg_restore").c_str(), X_OK) == 0;
}

// "postgres (PostgreSQL) 15.14 (Debian …)".
int major_of(const std::string& directory, const char* program) {
  auto said = run_child({directory + "/" + program, "--version"}, std::nullopt, "/", std::chrono::seconds(10));
  if (!said) return 0;
  const auto place = said->find("PostgreSQL) ");
  if (place == std::string::npos) return 0;
  int major = 0;
  const char* digits = said->c_str() + place + 12;
  std::from_chars(digits, said->c_str() + said->size(), major);
  return major;
}

std::vector<std::string> directories_of_path() {
  std::vector<std::string> all;
  const char* variable = std::getenv("PATH");
  std::string path = variable == nullptr ? "" : variable;
  for (std::size_t begin = 0; begin <= path.size();) {
    const auto end = std::min(path.find(':', begin), path.size());
    if (end > begin && path[begin] == '/') all.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return all;
}

// Debian's, then Red Hat's places; of each the highest number first.
std::vector<std::string> installed_directories() {
  std::vector<std::pair<int, std::string>> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
    found.emplace_back(std::atoi(entry.path().filename().c_str()), (entry.path() / "bin").string());
  }
  for (const auto& entry : fs::directory_iterator("/usr", ignored)) {
    const std::string name = entry.path().filename();
    if (name.starts_with("pgsql-")) found.emplace_back(std::atoi(name.c_str() + 6), (entry.path() / "bin").string());
  }
  std::sort(found.rbegin(), found.rend());
  std::vector<std::string> all;
  for (auto& [number, directory] : found) all.push_back(std::move(directory));
  return all;
}

// Looked through in this order.
std::vector<std::string> candidates_of(const std::string& given) {
  if (!given.empty()) return {given};
  std::vector<std::string> all = directories_of_path();
  for (auto& directory : installed_directories()) all.push_back(std::move(directory));
  return all;
}

}  // namespace

Result<ServerBinaries> find_client_binaries(const std::string& given, int at_least) {
  for (const auto& directory : candidates_of(given)) {
    if (!holds_client(directory)) continue;
    const int major = major_of(directory, "pg_dump");
    if (major >= at_least) return ServerBinaries{directory, major};
  }
  const std::string version = std::to_string(at_least);
  return Error{ErrorCode::config_error,
               "No pg_dump of PostgreSQL " + version + " or newer was found: install postgresql-client-" + version + ".",
               "database.bin_directory"};
}

Result<ServerBinaries> find_server_binaries(const std::string& given, std::optional<int> wanted) {
  for (const auto& directory : candidates_of(given)) {
    if (!holds_server(directory)) continue;
    const int major = major_of(directory, "postgres");
    if (major > 0 && (!wanted || major == *wanted)) return ServerBinaries{directory, major};
  }
  if (wanted) {
    const std::string version = std::to_string(*wanted);
    return Error{ErrorCode::config_error,
                 "The private database was made by PostgreSQL " + version +
                     ", which is not installed: install postgresql-" + version +
                     ", or carry the data over with pg_upgrade.",
                 "database.url"};
  }
  return Error{ErrorCode::config_error,
               "No PostgreSQL server was found" +
                   (given.empty() ? std::string(" in PATH or /usr/lib/postgresql") : " in " + given) +
                   ": install it (apt-get install postgresql-15), or give a database.url.",
               "database.url"};
}

}  // namespace penstock::postgres
