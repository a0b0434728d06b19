#include "app/journal_command.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "app/config_flags.hpp"
#include "app/failed.hpp"
#include "app/sealing.hpp"
#include "app/journal_listing.hpp"
#include "journal/inspect.hpp"
#include "journal/posix_file_system.hpp"
#include "journal/record_text.hpp"
#include "journal/walk.hpp"

namespace penstock::app {
namespace {

constexpr Sequence kEnd = UINT64_MAX;
constexpr std::size_t kFlushBytes = 64u << 10;

Result<std::string> journal_directory(const config::Config& config) {
  std::string directory = config.data_dir + "/journal";
  std::error_code problem;
  if (std::filesystem::is_directory(directory, problem)) return directory;
  return Error{ErrorCode::not_found, "There is no journal at " + directory + ": name its data folder with --data-dir.",
               "data_dir"};
}

std::string told(const journal::Damage& damage) {
  std::string text = damage.file + ": damaged at " + std::to_string(damage.offset) + ", " + std::to_string(damage.bytes) +
                     " bytes; ";
  if (damage.from == damage.to) return text + "no record is lost";
  return text + std::to_string(damage.to - damage.from) + " records lost: " + std::to_string(damage.from) + ".." +
         std::to_string(damage.to - 1);
}

int list(const config::Config& config) {
  const auto directory = journal_directory(config);
  if (!directory) return failed(directory.error(), 2);
  journal::PosixFileSystem files;
  const auto report = journal::inspect(files, *directory, nullptr, journal::Depth::headers);
  if (!report) return failed(report.error(), 2);
  print_journal(std::cout, *report, store_cursors(config));
  return 0;
}

int verify(const config::Config& config) {
  const auto directory = journal_directory(config);
  if (!directory) return failed(directory.error(), 2);
  journal::PosixFileSystem files;
  const auto opened = open_seal(config, files, config.data_dir, seal::Missing::leave);
  if (!opened) return failed(opened.error(), 2);
  const auto report = journal::inspect(files, *directory, opened->sealer.get());
  if (!report) return failed(report.error(), 2);
  for (const journal::Damage& damage : report->damage) std::cout << told(damage) << '\n';
  std::cout << report->segments.size() << " segments, " << report->frames << " frames and " << report->records
            << " records are good; " << report->lost_records << " records lost to damage in " << report->damage.size()
            << " places\n";
  if (report->torn_bytes != 0) {
    std::cout << "The newest segment ends in " << report->torn_bytes
              << " bytes of a commit that was never acknowledged; the next start drops them.\n";
  }
  return report->damage.empty() ? 0 : 1;
}

struct Range {
  Sequence from = 1, to = kEnd;  // both included
  std::uint64_t limit = 100;     // records
  std::string kind;
};

// Ends a walk that has all it wants.
Error enough() { return Error{ErrorCode::canceled, "", ""}; }

// Runs `frame` over the frames of the range; it appends to `out`, which goes to standard output.
template <class OnFrame>
int print_walk(const config::Config& config, const Range& range, OnFrame frame) {
  const auto directory = journal_directory(config);
  if (!directory) return failed(directory.error(), 2);
  std::ios::sync_with_stdio(false);
  journal::PosixFileSystem files;
  const auto opened = open_seal(config, files, config.data_dir, seal::Missing::leave);
  if (!opened) return failed(opened.error(), 2);
  std::string out;
  bool whole = true;
  const auto flush = [&out](std::size_t above) {
    if (out.size() <= above) return bool(std::cout);
    std::cout << out;
    out.clear();
    return bool(std::cout);
  };
  journal::Visitor visitor;
  visitor.frame = [&](const journal::WalkedFrame& walked) -> Result<void> {
    if (auto done = frame(out, walked); !done) return done;
    return flush(kFlushBytes) ? Result<void>() : Result<void>(enough());
  };
  visitor.lost = [&whole](Sequence from, Sequence to) {
    whole = false;
    std::cerr << "penstock: records " << from << ".." << to - 1 << " are damaged and left out (see penstock journal verify)\n";
  };
  const Sequence end = range.to == kEnd ? kEnd : range.to + 1;
  const auto done = journal::walk(files, *directory, *opened->sealer, range.from, end, visitor);
  if (!done && done.error().code != ErrorCode::canceled) return failed(done.error(), 2);
  if (!flush(0) || !std::cout.flush()) {
    return failed({ErrorCode::io_error, "The output cannot be written.", ""}, 2);
  }
  return whole ? 0 : 1;
}

int dump(const config::Config& config, const Range& range) {
  std::uint64_t left = range.limit;
  return print_walk(config, range, [&](std::string& out, const journal::WalkedFrame& walked) -> Result<void> {
    if (left == 0) return enough();
    return journal::append_dump(out, walked, range.from, left);
  });
}

int export_records(const config::Config& config, const Range& range) {
  const RecordKind kind = range.kind == "logs" ? RecordKind::log : RecordKind::metric;
  return print_walk(config, range, [&](std::string& out, const journal::WalkedFrame& walked) -> Result<void> {
    for (const Frame::Batch& batch : walked.frame.batches) {
      BatchReader reader(batch.bytes);
      RecordView record;
      while (reader.next(record)) {
        const Sequence sequence = batch.first + record.index;
        if (record.kind != kind || sequence < range.from || sequence > range.to) continue;
        journal::append_sendable(out, record);
        out += '\n';
      }
      if (reader.error() != nullptr) return *reader.error();
    }
    return {};
  });
}

}  // namespace

void add_journal_commands(CLI::App& program, int& exit_code) {
  CLI::App* command = program.add_subcommand("journal", "Look at the journal's files; changes nothing, and works beside a running server");
  command->require_subcommand(1);
  configured(*command->add_subcommand("ls", "Its segments, and how far the store has come"), exit_code, list);
  configured(*command->add_subcommand("verify", "Check every checksum, and tell what is damaged and lost"), exit_code, verify);

  const auto range = std::make_shared<Range>();
  CLI::App* dumped = command->add_subcommand("dump", "Frames, batches and records for a person to read");
  dumped->add_option("--from", range->from, "First sequence")->capture_default_str();
  dumped->add_option("--limit", range->limit, "Records at most")->capture_default_str();
  configured(*dumped, exit_code, [range](const config::Config& config) { return dump(config, *range); });

  CLI::App* exported = command->add_subcommand("export", "Records as NDJSON, as POST /api/v1/logs and /api/v1/metrics take them");
  exported->add_option("--kind", range->kind, "Each kind goes to a route of its own")
      ->required()
      ->check(CLI::IsMember({"logs", "metrics"}));
  exported->add_option("--from", range->from, "First sequence")->capture_default_str();
  exported->add_option("--to", range->to, "Last sequence; default: the newest");
  configured(*exported, exit_code, [range](const config::Config& config) { return export_records(config, *range); });
}

}  // namespace penstock::app
