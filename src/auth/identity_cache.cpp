#include "auth/identity_cache.hpp"

#include <algorithm>
#include <utility>

#include "auth/kept_identities.hpp"
#include "base/log.hpp"
#include "base/named_thread.hpp"
#include "base/secret_file.hpp"

namespace penstock::auth {
namespace {

using Steady = std::chrono::steady_clock;

// Last uses that other servers noted come with a load, which is no change of the version.
constexpr std::chrono::minutes kReloadAtLeastEvery{5};
// The file says as of when it is, so it is written though nothing changed.
constexpr std::chrono::hours kKeepAtLeastEvery{1};
constexpr std::size_t kMostKeptBytes = 64u << 20;
constexpr std::size_t kMostAsked = 1024;
// Between looks for those who ask: a flood of unknown tokens is a few dozen questions a second to the store.
constexpr std::chrono::milliseconds kBetweenLooks{20};

Error store_away() { return {ErrorCode::unavailable, "Who you are cannot be looked up now, the database is away; nothing is lost, try again.", ""}; }

PrincipalKind kind_of(Shown shown) {
  switch (shown) {
    case Shown::token: return PrincipalKind::token;
    case Shown::session: return PrincipalKind::user;
    case Shown::certificate: return PrincipalKind::certificate;
  }
  return PrincipalKind::stranger;
}

void raise(std::atomic<std::int64_t>& at, std::int64_t to) {
  std::int64_t now = at.load(std::memory_order_relaxed);
  while (now < to && !at.compare_exchange_weak(now, to, std::memory_order_relaxed)) {
  }
}

}  // namespace

IdentityCache::IdentityCache(IdentityStore& store, const Clock& clock, const Options& options) : store_(store), clock_(clock), options_(options) {}

IdentityCache::~IdentityCache() { stop(); }

void IdentityCache::recall() {
  if (options_.kept_file.empty()) return;
  const auto bytes = read_secret_file(options_.kept_file, kMostKeptBytes);
  auto kept = bytes && *bytes ? kept_identities(**bytes) : std::nullopt;
  if (!kept) return;
  auto recalled = Directory::make(std::move(kept->identities), nullptr);
  set_rules(*recalled);
  const std::lock_guard lock(mutex_);
  // A clock that was set meanwhile tells nothing of how long it is ago.
  const auto ago = std::max(std::int64_t{0}, clock_.now().ns - kept->known_at.ns);
  answered_at_ = clock_.steady_now() - std::chrono::nanoseconds(ago);
  known_at_ = kept->known_at;
  directory_ = std::move(recalled);
  publish();
}

void IdentityCache::set_rules(const Directory& known) {
  DeploymentRules rules{known.declared(), retention_rules(known.identities().retention)};
  if (rules.declared == nullptr && rules.retention.empty()) {
    rules_.set(nullptr);
    return;
  }
  rules.retention.insert(rules.retention.end(), options_.retention.begin(), options_.retention.end());
  rules_.set(std::make_shared<const DeploymentRules>(std::move(rules)));
}

// What cannot be written is missed only by a start without the store.
void IdentityCache::keep() {
  const auto known = directory();
  const auto now = clock_.steady_now();
  if (options_.kept_file.empty() || known == nullptr || (known->version() == kept_version_ && now - kept_at_ < kKeepAtLeastEvery)) return;
  auto written = write_secret_file(options_.kept_file, keep_identities({known->identities(), clock_.now()}));
  if (!written) log::warn("auth", "the known users and tokens cannot be kept in a file", {{"error", written.error().message}});
  kept_version_ = known->version();
  kept_at_ = now;
}

void IdentityCache::start() {
  thread_ = named_thread("identity", [this] { run(); });
}

void IdentityCache::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (!thread_.joinable()) return;
  thread_.join();
  note_uses();
}

std::shared_ptr<const Directory> IdentityCache::directory() const {
  const std::lock_guard lock(mutex_);
  return directory_;
}

void IdentityCache::publish() {
  Trusted now{directory_};
  if (away_ && options_.keep_known.count() > 0) now.until = answered_at_ + std::chrono::duration_cast<Steady::duration>(options_.keep_known);
  trusted_.set(now);
}

// null: nobody can be told to be known or not.
const Directory* IdentityCache::directory_in(const Trusted& trusted) const {
  if (trusted.until != Steady::time_point::max() && clock_.steady_now() > trusted.until) return nullptr;
  return trusted.directory.get();
}

bool IdentityCache::counts(const Directory& directory, const Directory::Entry& entry, Shown shown, Timestamp now) const {
  if (now >= entry.ends) return false;
  return shown != Shown::session || now < saturating_add({entry.use->at.load(std::memory_order_relaxed)}, directory.settings().session_idle);
}

std::optional<PrincipalPtr> IdentityCache::find(Shown shown, const TokenDigest& digest) {
  return trusted_.read([&](const Trusted& trusted) -> std::optional<PrincipalPtr> {
    const Directory* const known = directory_in(trusted);
    const Directory::Entry* const entry = known == nullptr ? nullptr : known->find(shown, digest);
    if (entry == nullptr) return std::nullopt;
    // Both are written to below; waiting for the one and then for the other would be half of what a check costs.
    __builtin_prefetch(entry->principal.get());
    __builtin_prefetch(entry->use, 1);
    const Timestamp now = clock_.now();
    if (!counts(*known, *entry, shown, now)) return PrincipalPtr();
    raise(entry->use->at, now.ns);
    return entry->principal;
  });
}

void IdentityCache::look_up(Shown shown, const TokenDigest& digest, std::function<void(Result<PrincipalPtr>)> done) {
  {
    const std::lock_guard lock(mutex_);
    if (!away_ && !stopping_ && asked_.size() < kMostAsked) {
      asked_.push_back({shown, digest, std::move(done)});
      wake_.notify_all();
      return;
    }
  }
  done(store_away());
}

void IdentityCache::answer(std::vector<Asked> asked, const Result<std::shared_ptr<const Directory>>& looked) {
  for (Asked& one : asked) {
    if (!looked) {
      one.done(store_away());
      continue;
    }
    const auto found = find(one.shown, one.digest);
    one.done(found ? *found : PrincipalPtr());
  }
}

bool IdentityCache::still_valid(Shown shown, const Principal& principal) {
  if (principal.kind != kind_of(shown)) return true;
  return trusted_.read([&](const Trusted& trusted) {
    const Directory* const known = directory_in(trusted);
    const Directory::Entry* const entry = known == nullptr ? nullptr : known->entry_of(principal);
    if (entry == nullptr || !counts(*known, *entry, shown, clock_.now())) return false;
    return entry->principal->version == principal.version || entry->principal->grants.list() == principal.grants.list();
  });
}

Result<std::shared_ptr<const Directory>> IdentityCache::refresh() {
  const std::lock_guard one_at_a_time(refreshing_);
  const auto before = directory();
  const auto now = clock_.steady_now();
  const auto version = store_.version();
  Result<Identities> loaded = version ? Result<Identities>(Identities()) : Result<Identities>(version.error());
  const bool load = version && (!loaded_ || before->version() != *version || now - loaded_at_ >= kReloadAtLeastEvery);
  if (load) loaded = store_.load(clock_.now());
  if (!loaded) {
    const std::lock_guard lock(mutex_);
    if (!away_) log::warn("auth", "the database is away; known users and tokens stay known", {{"error", full_text(loaded.error())}});
    away_ = true;
    publish();
    return loaded.error();
  }
  auto fresh = load ? Directory::make(std::move(*loaded), before.get()) : before;
  if (load) set_rules(*fresh);
  if (load) loaded_at_ = now;
  loaded_ = true;
  const std::lock_guard lock(mutex_);
  directory_ = fresh;
  away_ = false;
  answered_at_ = now;
  known_at_ = clock_.now();
  publish();
  return fresh;
}

void IdentityCache::note_uses() {
  const auto known = directory();
  if (known == nullptr) return;
  IdentityUse use;
  std::vector<std::pair<LastUse*, std::int64_t>> noted;
  const auto gather = [&noted](auto& into) {
    return [&](const std::string& key, LastUse& last) {
      const std::int64_t at = last.at.load(std::memory_order_relaxed);
      if (at <= last.noted.load(std::memory_order_relaxed)) return;
      into.emplace_back(key, Timestamp{at});
      noted.emplace_back(&last, at);
    };
  };
  known->each(Shown::token, gather(use.tokens));
  known->each(Shown::certificate, gather(use.tokens));
  known->each(Shown::session, gather(use.sessions));
  if (noted.empty() || !store_.note(use)) return;
  for (const auto& [one, at] : noted) raise(one->noted, at);
}

std::string IdentityCache::problem() const {
  const std::lock_guard lock(mutex_);
  if (!away_) return {};
  if (directory_ == nullptr) return "Users and tokens were not read from the database yet: only the first administrator's token and those of the configuration are known.";
  std::string text = "The database is away: users and tokens are known as of " + format_rfc3339({known_at_.ns / kSecond * kSecond});
  if (options_.keep_known.count() == 0) return text + ", for as long as it takes.";
  return text + ", and taken until " + format_rfc3339({saturating_add(known_at_, options_.keep_known.count()).ns / kSecond * kSecond}) + " (auth.keep_known).";
}

void IdentityCache::run() {
  auto noted_at = clock_.steady_now();
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    std::vector<Asked> asked = std::exchange(asked_, {});
    lock.unlock();
    const auto looked = refresh();
    answer(std::move(asked), looked);
    if (looked) keep();
    if (looked && clock_.steady_now() - noted_at >= options_.note_every) {
      note_uses();
      noted_at = clock_.steady_now();
    }
    lock.lock();
    wake_.wait_for(lock, kBetweenLooks, [this] { return stopping_; });
    wake_.wait_for(lock, options_.look_every - kBetweenLooks, [this] { return stopping_ || !asked_.empty(); });
  }
  std::vector<Asked> asked = std::exchange(asked_, {});
  lock.unlock();
  answer(std::move(asked), store_away());
}

}  // namespace penstock::auth
