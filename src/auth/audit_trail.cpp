#include "auth/audit_trail.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "base/named_thread.hpp"
#include "base/secret_file.hpp"

namespace penstock::auth {
namespace {

constexpr std::size_t kAtOnce = 64;
constexpr std::chrono::seconds kAgainAfter{1};
constexpr std::size_t kMostKept = 64u << 20;

std::string line_of(const AuditEntry& entry) {
  return nlohmann::json::array({entry.at.ns, entry.actor, entry.action, entry.object, entry.outcome, entry.address, entry.detail})
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<AuditEntry> entry_in(std::string_view line) {
  const auto read = nlohmann::json::parse(line, nullptr, false);
  if (!read.is_array() || read.size() != 7 || !read[0].is_number_integer()) return std::nullopt;
  AuditEntry entry;
  entry.at.ns = read[0].get<std::int64_t>();
  std::string* const texts[] = {&entry.actor, &entry.action, &entry.object, &entry.outcome, &entry.address, &entry.detail};
  for (std::size_t i = 0; i < std::size(texts); ++i) {
    if (!read[i + 1].is_string()) return std::nullopt;
    *texts[i] = read[i + 1].get<std::string>();
  }
  return entry;
}

}  // namespace

AuditTrail::AuditTrail(IdentityStore& store, const Clock& clock, MetricsRegistry& metrics, std::size_t most)
    : store_(store), clock_(clock), most_(most),
      lost_(metrics.counter("penstock_audit_lost_total", "Audit entries that could not be kept while the database was away.", {})) {}

AuditTrail::~AuditTrail() { stop(); }

void AuditTrail::tell(AuditEntry entry) {
  if (entry.at.ns == 0) entry.at = clock_.now();
  entry = storable(std::move(entry));
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() < most_) {
      waiting_.push_back(std::move(entry));
      changed_.notify_all();
      return;
    }
  }
  lost_.add();
  log::warn("audit", "an entry is lost: the database is away and too many wait",
            {{"actor", entry.actor}, {"action", entry.action}, {"object", entry.object}, {"outcome", entry.outcome}});
}

void AuditTrail::start() {
  thread_ = named_thread("audit", [this] { run(); });
}

void AuditTrail::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void AuditTrail::keep_in(std::string file) {
  const std::lock_guard lock(mutex_);
  file_ = std::move(file);
  const auto text = read_secret_file(file_, kMostKept);
  if (!text || !*text) return;
  kept_ = true;
  std::size_t begin = 0;
  while (begin < (*text)->size()) {
    const std::size_t end = std::min((*text)->find('\n', begin), (*text)->size());
    if (auto entry = entry_in(std::string_view(**text).substr(begin, end - begin))) waiting_.push_back(std::move(*entry));
    begin = end + 1;
  }
}

// Without the mutex: only the own thread writes it.
void AuditTrail::keep(const std::deque<AuditEntry>& entries) {
  if (file_.empty() || (entries.empty() && !kept_)) return;
  std::string text;
  for (const AuditEntry& entry : entries) text += line_of(entry) + '\n';
  if (auto written = write_secret_file(file_, text); !written) {
    log::warn("audit", "what waits for the database could not be kept on disk", {{"file", file_}, {"error", written.error().message}});
    return;
  }
  kept_ = !entries.empty();
}

void AuditTrail::run() {
  std::unique_lock lock(mutex_);
  std::size_t on_disk = kept_ ? waiting_.size() : 0;
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const bool last = stopping_;
    const std::size_t count = std::min(waiting_.size(), kAtOnce);
    const std::vector<AuditEntry> some(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
    lock.unlock();
    const auto written = store_.append(some);
    lock.lock();
    if (written) {
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
      if (!kept_ || !waiting_.empty()) continue;
      lock.unlock();
      keep({});
      lock.lock();
      on_disk = 0;
      continue;
    }
    if (waiting_.size() != on_disk) {
      const std::deque<AuditEntry> all = waiting_;
      lock.unlock();
      keep(all);
      lock.lock();
      on_disk = kept_ ? all.size() : 0;
    }
    if (last) {
      if (on_disk != waiting_.size()) {
        log::warn("audit", "entries are lost: the server stops and the database is away", {{"entries", waiting_.size()}, {"error", full_text(written.error())}});
      }
      return;
    }
    changed_.wait_for(lock, kAgainAfter, [this] { return stopping_; });
  }
}

}  // namespace penstock::auth
