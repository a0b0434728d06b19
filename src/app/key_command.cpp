#include "app/key_command.hpp"

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "agent/sealing.hpp"
#include "app/config_flags.hpp"
#include "app/database.hpp"
#include "app/failed.hpp"
#include "app/open_database.hpp"
#include "app/sealing.hpp"
#include "backup/backup.hpp"
#include "base/hex.hpp"
#include "core/system_clock.hpp"
#include "journal/inspect.hpp"
#include "journal/posix_file_system.hpp"
#include "penstock/core/names.hpp"
#include "penstock/core/time.hpp"
#include "postgres/migrations.hpp"
#include "postgres/pg_data_keys.hpp"
#include "postgres/pg_deletion_receipts.hpp"
#include "postgres/pg_deployment_removals.hpp"
#include "postgres/pg_identity_store.hpp"
#include "seal/key_check.hpp"
#include "seal/random.hpp"
#include "seal/rotation.hpp"

namespace penstock::app {
namespace {

// What every command but `new` works on.
class Keys {
 public:
  Result<void> open(const config::Config& config) {
    auto directory = existing_data_dir(config.data_dir);
    if (!directory) return std::move(directory).error();
    data_dir_ = std::move(*directory);
    auto opened = open_seal(config, files_, data_dir_, seal::Missing::leave);
    if (!opened) return std::move(opened).error();
    opened_ = std::move(*opened);
    return {};
  }

  Result<void> open_store(const config::Config& config) {
    const auto running = backup::in_use(files_, data_dir_, lock_);
    if (!running) return running.error();
    running_ = *running;
    if (auto opened = database_.open(config, data_dir_, running_); !opened) return opened;
    store_.emplace(database_.connection());
    return {};
  }

  const std::string& data_dir() const { return data_dir_; }
  const seal::Opened& sealing() const { return opened_; }
  FileSystem& files() { return files_; }
  postgres::PgDataKeys& store() { return *store_; }
  const postgres::ConnectionOptions& connection() const { return database_.connection(); }
  bool running() const { return running_; }  // a server has the data folder

 private:
  journal::PosixFileSystem files_;
  std::string data_dir_;
  seal::Opened opened_;
  std::unique_ptr<File> lock_;
  bool running_ = false;
  OpenDatabase database_;
  std::optional<postgres::PgDataKeys> store_;
};

struct Refused {
  std::string state_dir;
  seal::Options seal;
};

// Of acts that are done by then: what cannot be told is said.
void tell(const Keys& keys, const AuditEntry& entry) {
  postgres::Options options;
  options.connection = keys.connection();
  if (auto told = postgres::PgIdentityStore(options).append({entry}); !told) {
    std::cerr << "penstock: the audit log could not be written: " << full_text(told.error()) << '\n';
  }
}

int print_new_key() {
  std::cout << seal::to_key_text(seal::random_key()) << '\n';
  return 0;
}

Result<void> print_ring(const Keys& keys, const seal::OuterKeys& outer) {
  std::cout << "outer key: " << outer.fingerprints() << ", from " << keys.sealing().source.name() << '\n';
  if (outer.all().size() > 1) std::cout << "  a rotation is not finished: run `penstock key rotate` once more\n";
  auto ring = seal::KeyRing::read(seal::ring_path(keys.data_dir()), outer);
  if (!ring) return ring.error();
  for (const seal::KeyRing::Root& root : (*ring)->roots()) {
    std::string id;
    append_hex(id, root.id);
    std::cout << "key of the data folder: " << id << ", made " << format_rfc3339(Timestamp{root.created * 1'000'000'000})
              << ", under " << seal::wrapped_under(root.wrapped) << '\n';
  }
  return {};
}

int status(const config::Config& config) {
  Keys keys;
  if (auto opened = keys.open(config); !opened) return failed(opened.error(), 2);
  const auto cipher = seal::cipher_of(config.seal);
  if (!cipher) return failed(cipher.error(), 2);
  std::cout << "what comes is sealed with: " << (*cipher ? seal::cipher_name(**cipher) : "nothing (seal.cipher is none)") << '\n';
  if (keys.sealing().envelope == nullptr) {
    std::cout << "nothing in this data folder is sealed yet; the next start of the server makes the keys, unless seal.cipher is none\n";
    return 0;
  }
  auto outer = seal::OuterKeys::read(keys.sealing().source);
  if (!outer) return failed(outer.error(), 2);
  if (auto printed = print_ring(keys, **outer); !printed) return failed(printed.error(), 2);
  if (auto opened = keys.open_store(config); !opened) {
    std::cout << "the database is away: " << full_text(opened.error()) << '\n';
    return 1;
  }
  const auto counts = keys.store().counts();
  if (!counts) {
    std::cout << "the database is away: " << full_text(counts.error()) << '\n';
    return 1;
  }
  std::cout << "keys in the database: " << counts->keys << ", " << counts->retired << " of them replaced for new data, under "
            << (counts->outer.empty() ? "no outer key yet" : counts->outer) << '\n'
            << "chunks: " << counts->sealed_chunks << " sealed, " << counts->plain_chunks << " not\n";
  return 0;
}

int verify_keys(const config::Config& config) {
  Keys keys;
  if (auto opened = keys.open(config); !opened) return failed(opened.error(), 2);
  if (keys.sealing().envelope == nullptr) {
    std::cout << "nothing in this data folder is sealed\n";
    return 0;
  }
  auto outer = seal::OuterKeys::read(keys.sealing().source);
  if (!outer) return failed(outer.error(), 2);
  const auto report = journal::inspect(keys.files(), keys.data_dir() + "/journal", keys.sealing().sealer.get());
  if (!report) return failed(report.error(), 2);
  std::cout << "every key of the data folder opens; " << report->frames << " frames of the journal open, " << report->damage.size()
            << " places are damaged\n";
  if (auto opened = keys.open_store(config); !opened) return failed(opened.error(), 2);
  const auto tried = seal::try_data_keys(**outer, keys.store(), [](const WrappedKey& key, const Error& error) {
    std::cerr << "penstock: the key of " << key.deployment << " for " << key.use << " does not open: " << error.message << '\n';
  });
  if (!tried) return failed(tried.error(), 2);
  const auto counts = keys.store().counts();
  if (!counts) return failed(counts.error(), 2);
  std::cout << tried->good << " keys of the database open, " << tried->bad << " do not; " << counts->orphans << " chunks have no key\n";
  const bool whole = tried->bad == 0 && counts->orphans == 0 && report->damage.empty();
  if (!whole) {
    AuditEntry entry{SystemClock().now(), "command-line", "key.verify", "keys", "failed"};
    entry.detail = "{\"bad_keys\":" + std::to_string(tried->bad) + ",\"chunks_without_key\":" + std::to_string(counts->orphans) + ",\"journal_damage\":" +
                   std::to_string(report->damage.size()) + "}";
    tell(keys, entry);
  }
  return whole ? 0 : 1;
}

int rotate_keys(const config::Config& config, bool data_keys) {
  Keys keys;
  if (auto opened = keys.open(config); !opened) return failed(opened.error(), 2);
  const auto cipher = seal::cipher_of(config.seal);
  if (!cipher) return failed(cipher.error(), 2);
  if (auto opened = keys.open_store(config); !opened) return failed(opened.error(), 2);
  const auto done = seal::rotate(keys.sealing().source, keys.data_dir(), cipher->value_or(seal::faster_cipher()), keys.store());
  if (!done) return failed(done.error(), 2);
  std::cout << (done->resumed ? "finished the rotation from " : "the outer key was replaced: ") << done->from << " -> " << done->to << "; "
            << done->roots << " keys of the data folder and " << done->data_keys << " of the database are under the new one\n"
            << "Keep a copy of the new key elsewhere (" << keys.sealing().source.name()
            << "), and the old one as long as you keep backups made before now.\n";
  AuditEntry entry{SystemClock().now(), "command-line", "key.rotate", "keys"};
  entry.detail = "{\"from\":\"" + done->from + "\",\"to\":\"" + done->to + "\",\"data_keys\":" + (data_keys ? "true" : "false") + "}";
  tell(keys, entry);
  if (done->old_key_to_remove) std::cout << "Now take the old key out of " << keys.sealing().source.name() << ".\n";
  if (!data_keys) return 0;
  const auto retired = keys.store().retire_all();
  if (!retired) return failed(retired.error(), 2);
  std::cout << *retired << " data keys were replaced: chunks under them are sealed anew in the background\n";
  return 0;
}

// Where the journal ends of a server that does not run: what is in it came before the command.
Result<std::optional<JournalEnd>> end_of_journal(Keys& keys) {
  const auto report = journal::inspect(keys.files(), keys.data_dir() + "/journal", nullptr, journal::Depth::headers);
  if (!report) return report.error();
  if (report->journal.value == 0 || report->segments.empty()) return std::optional<JournalEnd>();
  return std::optional<JournalEnd>({report->journal, report->segments.back().end});
}

void print_backups(const DeletionReceipt& receipt) {
  if (receipt.backups.empty()) return;
  std::cout << "Backups that hold it still:\n";
  for (const auto& backup : receipt.backups) std::cout << "  " << format_rfc3339(backup.made_at) << "  " << backup.place << '\n';
}

// By a running server, which is waited for.
int watch_destruction(DeletionReceipts& receipts, std::int64_t id, const std::string& deployment, std::chrono::seconds at_most) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  for (;;) {
    const auto receipt = receipts.receipt(id);
    const bool there = receipt && receipt->has_value();
    if (there && (*receipt)->gone()) {
      std::cout << (*receipt)->keys << " keys of " << deployment << " are destroyed, what the database had of it is removed, and the journal has let go of it (receipt " << id << ").\n";
      print_backups(**receipt);
      return 0;
    }
    if (std::chrono::steady_clock::now() >= until) {
      const bool removed = there && (*receipt)->left_store_at;
      std::cout << (removed ? "The keys of " + deployment + " are destroyed, and what the database had of it is removed; a journal still holds records of it, which leave as soon as they can"
                            : "It is noted, and a running server will do it as soon as its store is up to date")
                << ": GET /api/v1/deletions/" << id << " tells when.\n";
      return removed ? 0 : 1;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

int destroy_keys(const config::Config& config, const std::string& deployment, std::chrono::seconds at_most) {
  if (!is_deployment_name(deployment)) return failed({ErrorCode::invalid_name, "No deployment can be named \"" + deployment + "\".", "deployment"}, 2);
  Keys keys;
  if (auto opened = keys.open(config); !opened) return failed(opened.error(), 2);
  if (auto opened = keys.open_store(config); !opened) return failed(opened.error(), 2);
  if (auto applied = postgres::Migrations(keys.connection()).up(); !applied) return failed(applied.error(), 2);
  std::optional<JournalEnd> here;
  if (!keys.running()) {
    auto end = end_of_journal(keys);
    if (!end) return failed(end.error(), 2);
    here = *end;
  }
  postgres::PgDeploymentRemovals removals(keys.connection());
  AuditEntry entry{SystemClock().now(), "command-line", "deployment.delete", "deployment:" + deployment};
  const auto asked = removals.ask(deployment, entry.at, here, entry);
  if (!asked) return failed(asked.error(), 2);
  postgres::PgDeletionReceipts receipts(keys.connection());
  if (keys.running()) return watch_destruction(receipts, *asked, deployment, at_most);
  const auto gone = removals.destroy_stored({*asked, deployment}, SystemClock().now());
  if (!gone) return failed(gone.error(), 2);
  std::cout << *gone << " keys of " << deployment << " are destroyed, and what the database had of it is removed. What the journal has of it the next start of the server removes "
            << "(receipt " << *asked << ").\n";
  if (const auto receipt = receipts.receipt(*asked); receipt && *receipt) print_backups(**receipt);
  return 0;
}

}  // namespace

void add_key_commands(CLI::App& program, int& exit_code) {
  CLI::App* command = program.add_subcommand("key", "The keys that what is stored is sealed with");
  command->require_subcommand(1);
  configured(*command->add_subcommand("status", "Which there are, and what is sealed"), exit_code, status);
  configured(*command->add_subcommand("verify", "Try every key, and every frame of the journal"), exit_code, verify_keys);
  const auto data_keys = std::make_shared<bool>(false);
  CLI::App* rotated = command->add_subcommand("rotate", "Replace the outer key, beside a running server or without one; repeat it if it was cut off");
  rotated->add_flag("--data-keys", *data_keys, "Replace the data keys of chunks too: the server seals the chunks anew in the background");
  configured(*rotated, exit_code, [data_keys](const config::Config& config) { return rotate_keys(config, *data_keys); });
  const auto deployment = std::make_shared<std::string>();
  const auto at_most = std::make_shared<unsigned>(60);
  CLI::App* destroyed = command->add_subcommand(
      "destroy", "Delete a deployment for good: its keys are destroyed and all that is stored of it is removed, so that nobody can read it again. Beside a running server, which does it, or without one");
  destroyed->add_option("--deployment", *deployment, "Which")->required();
  destroyed->add_option("--wait", *at_most, "Seconds to wait for a running server")->capture_default_str();
  configured(*destroyed, exit_code, [deployment, at_most](const config::Config& config) { return destroy_keys(config, *deployment, std::chrono::seconds(*at_most)); });
  const auto refused = std::make_shared<Refused>();
  CLI::App* rejected = command->add_subcommand("rejected", "Print the records that an agent keeps since the server refused them");
  rejected->add_option("--state-dir", refused->state_dir, "The agent's folder")->required();
  rejected->add_option("--seal-key-file", refused->seal.key_file, "File of its key, where that is not in the folder");
  rejected->callback([refused, &exit_code] {
    const auto text = agent::read_refused(refused->state_dir, refused->seal);
    if (text) std::cout << *text << std::flush;
    exit_code = text ? 0 : failed(text.error(), 2);
  });
  command->add_subcommand("new", "Print a new outer key, for the environment or a credential")->callback([&exit_code] { exit_code = print_new_key(); });
}

}  // namespace penstock::app
