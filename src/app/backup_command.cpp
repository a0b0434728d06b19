#include "app/backup_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/operations.hpp"
#include "app/config_flags.hpp"
#include "app/database.hpp"
#include "app/failed.hpp"
#include "backup/backup.hpp"
#include "backup/restore.hpp"
#include "core/system_clock.hpp"
#include "journal/posix_file_system.hpp"
#include "postgres/running_server.hpp"

namespace penstock::app {
namespace {

constexpr std::chrono::minutes kDatabaseStart{5};
constexpr int kNotWhole = 3;  // the exit code of a backup, and of its restore, that lacks what could not be read
constexpr std::size_t kTold = 20;

// Tells what the backup lacks; gives the exit code.
int tell_shortcomings(const backup::Manifest& manifest, const std::string& file) {
  const std::vector<std::string> all = backup::shortcomings(manifest);
  if (all.empty()) return 0;
  std::cerr << "penstock: the backup is not whole: what could be read is in it, and the rest is not\n";
  for (std::size_t i = 0; i < std::min(all.size(), kTold); ++i) std::cerr << "  " << all[i] << '\n';
  if (all.size() > kTold) std::cerr << "  and " << all.size() - kTold << " more, see " << file << '\n';
  return kNotWhole;
}

std::string absolute(const std::string& path) {
  std::string text = std::filesystem::absolute(path).lexically_normal().string();
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

// The configured database, the private one that runs already, or the private one started for as long as this lives.
class OpenDatabase {
 public:
  Result<void> open(const config::Config& config, const std::string& data_dir, bool running) {
    connection_ = config.database.connection;
    if (!connection_.url.empty()) return {};
    if (running) {
      const auto url = postgres::running_server_url(data_dir + "/postgres");
      if (!url) {
        return Error{ErrorCode::unavailable, "The server runs, but its private Postgres does not at this moment: try again.", ""};
      }
      connection_.url = *url;
      return {};
    }
    auto opened = Database::open(config, data_dir);
    if (!opened) return opened.error();
    database_.emplace(std::move(*opened));
    connection_ = database_->connection();
    return database_->wait_ready(kDatabaseStart);
  }
  ~OpenDatabase() {
    if (database_) database_->stop();
  }

  const postgres::ConnectionOptions& connection() const { return connection_; }

 private:
  postgres::ConnectionOptions connection_;
  std::optional<Database> database_;
};

int backup_all(const config::Config& config, const std::string& out) {
  journal::PosixFileSystem files;
  SystemClock clock;
  backup::BackupOptions options;
  options.data_dir = absolute(config.data_dir);
  options.out = absolute(out);
  options.bin_directory = config.private_postgres.bin_directory;
  options.version = api::version();
  std::unique_ptr<File> lock;
  const auto running = backup::in_use(files, options.data_dir, lock);
  if (!running) return failed(running.error());
  OpenDatabase database;
  if (auto opened = database.open(config, options.data_dir, *running); !opened) return failed(opened.error());
  options.connection = database.connection();
  const auto report = backup::make_backup(files, clock, options, *running);
  if (!report) return failed(report.error());
  std::cout << options.out << ": " << report->files << " files, " << report->bytes << " bytes; the database and "
            << report->records << " records of the journal, made " << (*running ? "beside the running server" : "while no server ran")
            << '\n';
  const int exit_code = tell_shortcomings(report->manifest, options.out + "/" + backup::kManifestFile);
  if (exit_code != 0 && !report->manifest.lost.empty()) {
    std::cerr << "  of the lost records " << report->missing_records << " are not in the database either (see penstock journal verify)\n";
  }
  return exit_code;
}

int restore_all(const config::Config& config, const std::string& from) {
  journal::PosixFileSystem files;
  backup::RestoreOptions options;
  options.from = absolute(from);
  options.data_dir = absolute(config.data_dir);
  options.bin_directory = config.private_postgres.bin_directory;
  const auto report = backup::restore_backup(
      files, options, [&config](const std::string& data_dir, const auto& use) -> Result<void> {
        OpenDatabase database;
        if (auto opened = database.open(config, data_dir, false); !opened) return opened;
        return use(database.connection());
      });
  if (!report) return failed(report.error());
  const backup::Manifest& manifest = report->manifest;
  std::cout << options.data_dir << ": restored as of " << format_rfc3339(manifest.made_at) << "; the store has all below record "
            << report->stored << ", and takes " << manifest.end - std::min(manifest.end, report->stored)
            << " from the journal when the server starts\n";
  return tell_shortcomings(manifest, options.from + "/" + backup::kManifestFile);
}

}  // namespace

void add_backup_commands(CLI::App& program, int& exit_code) {
  const auto folder = std::make_shared<std::string>();
  CLI::App* make = program.add_subcommand("backup", "Copy database, journal and keys, while the server runs or not");
  make->add_option("--out", *folder, "Folder to make")->required();
  configured(*make, exit_code, [folder](const config::Config& config) { return backup_all(config, *folder); });

  CLI::App* restore = program.add_subcommand("restore", "Make a data folder (and an empty database.url) from a backup");
  restore->add_option("--from", *folder, "Folder that penstock backup made")->required();
  configured(*restore, exit_code, [folder](const config::Config& config) { return restore_all(config, *folder); });
}

}  // namespace penstock::app
