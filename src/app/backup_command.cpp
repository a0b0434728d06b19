#include "app/backup_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "api/operations.hpp"
#include "app/config_flags.hpp"
#include "app/failed.hpp"
#include "app/open_database.hpp"
#include "backup/backup.hpp"
#include "backup/restore.hpp"
#include "core/system_clock.hpp"
#include "journal/posix_file_system.hpp"
#include "seal/outer_key.hpp"

namespace penstock::app {
namespace {

using seal::kKeyFile;

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

int backup_all(const config::Config& config, const std::string& out, bool without_key) {
  journal::PosixFileSystem files;
  SystemClock clock;
  backup::BackupOptions options;
  options.data_dir = absolute(config.data_dir);
  options.out = absolute(out);
  options.bin_directory = config.private_postgres.bin_directory;
  options.version = api::version();
  if (without_key) options.leave_out = kKeyFile;
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
  if (without_key) {
    std::cout << "The outer key is not in it: nobody can read it without the copy you keep of " << options.data_dir << "/" << kKeyFile << ".\n";
  } else if (files.exists(options.data_dir + "/" + kKeyFile)) {
    std::cout << "The outer key is in it: whoever has the backup can read it (--without-key leaves the key out).\n";
  }
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
  const auto without_key = std::make_shared<bool>(false);
  CLI::App* make = program.add_subcommand("backup", "Copy database, journal and keys, while the server runs or not");
  make->add_option("--out", *folder, "Folder to make")->required();
  make->add_flag("--without-key", *without_key, "Leave out the outer key of the data folder: the copy of it that you keep is then needed to read the backup");
  configured(*make, exit_code, [folder, without_key](const config::Config& config) { return backup_all(config, *folder, *without_key); });

  CLI::App* restore = program.add_subcommand("restore", "Make a data folder (and an empty database.url) from a backup");
  restore->add_option("--from", *folder, "Folder that penstock backup made")->required();
  configured(*restore, exit_code, [folder](const config::Config& config) { return restore_all(config, *folder); });
}

}  // namespace penstock::app
