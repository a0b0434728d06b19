#include "app/selftest_command.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string>

#include "app/database.hpp"
#include "base/crc32c.hpp"
#include "base/usable_memory.hpp"
#include "chunk/packing_probe.hpp"
#include "core/system_clock.hpp"
#include "journal/inspect.hpp"
#include "journal/posix_file_system.hpp"
#include "journal/sync_probe.hpp"
#include "seal/cipher_probe.hpp"

namespace penstock::app {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kEach{250};               // for each rate of the CPU
constexpr double kHonestSync = 20e-6;            // seconds; no disk that keeps its word is faster
constexpr double kSlowSync = 0.1;
constexpr std::uint64_t kFewFiles = 256, kNoFiles = 64;

std::string rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof text, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
  return text;
}

std::string gib_text(std::uint64_t bytes) { return rounded(static_cast<double>(bytes) / (1u << 30)) + " GiB"; }
std::string rate_text(double bytes) { return rounded(bytes / 1e6) + " MB/s"; }
std::string ms_text(std::chrono::nanoseconds time) { return rounded(static_cast<double>(time.count()) / 1e6) + " ms"; }

class Selftest {
 public:
  explicit Selftest(const config::Config& config) : config_(config) {}

  int run() {
    std::error_code problem;
    const bool made = !std::filesystem::exists(config_.data_dir, problem);
    const auto folder = prepare_data_dir(config_.data_dir);
    if (!folder) {
      say("BAD", "data folder", folder.error().message);
      return 1;
    }
    disk(*folder);
    sync(*folder);
    if (made) std::filesystem::remove(*folder, problem);
    cpu();
    open_files();
    std::cout << (bad_ ? "This machine cannot run Penstock as it is configured: see BAD above.\n"
                  : warned_ ? "Penstock can run here; mind what is said above.\n"
                            : "Penstock can run here.\n");
    return bad_ ? 1 : 0;
  }

 private:
  void say(const char* verdict, const char* what, const std::string& text) {
    std::printf("%-4s  %-18s  %s\n", verdict, what, text.c_str());
    std::fflush(stdout);
    bad_ = bad_ || std::string_view(verdict) == "BAD";
    warned_ = warned_ || std::string_view(verdict) == "mind";
  }

  void disk(const std::string& folder) {
    const auto free = files_.free_bytes(folder);
    if (!free) return say("BAD", "disk", free.error().message);
    std::uint64_t used = 0;
    if (const auto journal = journal::inspect(files_, folder + "/journal", nullptr, journal::Depth::headers)) {
      for (const auto& segment : journal->segments) used += segment.bytes;
    }
    const journal::Options& options = config_.journal;
    const std::uint64_t reserve = options.free_reserve_bytes + options.reserve_file_bytes;
    const std::uint64_t wanted = std::max(options.disk_budget, used) - used;
    const std::string facts = gib_text(*free) + " free in " + folder + "; the journal holds " + gib_text(used) + " of " +
                              gib_text(options.disk_budget);
    if (*free < reserve + 2 * options.segment_bytes) {
      say("BAD", "disk", facts + ": no room for two segments and the reserve, ingest would be refused");
    } else if (*free < reserve + wanted) {
      say("mind", "disk", facts + ": the disk is full before the journal's budget is; lower journal.disk_budget or make room");
    } else {
      say("ok", "disk", facts);
    }
  }

  void sync(const std::string& folder) {
    const auto times = journal::probe_sync(files_, clock_, folder + "/.selftest-" + std::to_string(getpid()));
    if (!times) return say("BAD", "fdatasync", times.error().message);
    const double median = static_cast<double>(times->median.count()) / 1e9;
    const std::string facts = "median " + ms_text(times->median) + ", p99 " + ms_text(times->p99) + ", longest " +
                              ms_text(times->longest) + " of " + std::to_string(times->commits) + " commits of 4 KiB";
    const std::string means = "; a lone client gets at most " + rounded(1 / median) +
                              " answers a second, many share each commit";
    if (median < kHonestSync) {
      say("mind", "fdatasync", facts + means + ". No disk is that fast: it, or a layer above it, may not survive a power cut");
    } else if (static_cast<double>(times->p99.count()) / 1e9 > kSlowSync) {
      say("mind", "fdatasync", facts + means + ". Every hundredth commit waits long; send in batches");
    } else {
      say("ok", "fdatasync", facts + means);
    }
  }

  void cpu() {
    checksum();
    const auto aes = seal::cipher_rate(seal::Cipher::aes_256_gcm, clock_, kEach);
    const auto chacha = seal::cipher_rate(seal::Cipher::chacha20_poly1305, clock_, kEach);
    cipher("AES-256-GCM", aes, aes && chacha && *aes >= *chacha);
    cipher("ChaCha20-Poly1305", chacha, aes && chacha && *chacha > *aes);
    if (const auto packed = chunk::packing_rate(clock_, kEach)) {
      say("ok", "zstd", rate_text(*packed) + " a thread of text like logs");
    } else {
      say("BAD", "zstd", packed.error().message);
    }
  }

  void checksum() {
    const std::string bytes(1u << 20, 'x');
    if (crc32c("123456789") != 0xe3069283u || crc32c(bytes) != crc32c_by_table(bytes)) {
      return say("BAD", "CRC-32C", "this CPU gives wrong checksums");
    }
    std::uint32_t sum = 0;
    std::uint64_t rounds = 0;
    const auto begin = clock_.steady_now();
    do {
      sum = crc32c(bytes, sum);
      ++rounds;
    } while (clock_.steady_now() < begin + kEach);
    const double seconds = std::chrono::duration<double>(clock_.steady_now() - begin).count();
    say("ok", "CRC-32C", rate_text(static_cast<double>(rounds * bytes.size()) / seconds) + " a thread");
  }

  void cipher(const char* name, const Result<double>& rate, bool faster) {
    if (!rate) return say("BAD", name, rate.error().message);
    say("ok", name, rate_text(*rate) + " a thread" + (faster ? ": the faster cipher on this CPU" : ""));
  }

  void open_files() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    const std::size_t connections = http::suited_to(usable_memory(), config_.http).max_connections;
    const std::string facts = limit.rlim_cur == RLIM_INFINITY ? "no limit" : "at most " + std::to_string(limit.rlim_cur);
    if (limit.rlim_cur < kNoFiles) {
      say("BAD", "open files", facts + ": raise it (ulimit -n 4096, or LimitNOFILE= of the service)");
    } else if (limit.rlim_cur < kFewFiles || limit.rlim_cur < connections) {
      say("mind", "open files", facts + ", which also bounds connections (wanted: " + std::to_string(connections) + ")");
    } else {
      say("ok", "open files", facts);
    }
  }

  const config::Config& config_;
  journal::PosixFileSystem files_;
  SystemClock clock_;
  bool bad_ = false, warned_ = false;
};

}  // namespace

int selftest(const config::Config& config) { return Selftest(config).run(); }

}  // namespace penstock::app
