#include "app/store_opener.hpp"

#include <chrono>
#include <random>
#include <utility>

#include "base/backoff.hpp"
#include "base/log.hpp"
#include "base/named_thread.hpp"
#include "postgres/migrations.hpp"

namespace penstock::app {

using std::chrono::milliseconds;

StoreOpener::StoreOpener(Database& database, bool migrate, std::function<Result<void>()> check, std::function<void()> opened,
                         std::function<void(const Error&)> failed)
    : database_(database), migrate_(migrate), check_(std::move(check)), opened_(std::move(opened)), failed_(std::move(failed)) {}

StoreOpener::~StoreOpener() { stop(); }

void StoreOpener::start() {
  thread_ = named_thread("store-opener", [this] { run(); });
}

void StoreOpener::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::string StoreOpener::starting() const { return tried_ ? "" : "Starting: the database is being opened."; }

std::string StoreOpener::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

void StoreOpener::set_problem(std::string problem) {
  const std::lock_guard lock(mutex_);
  problem_ = std::move(problem);
}

Result<void> StoreOpener::try_open() {
  // In short steps, so that a stop does not wait for a database that recovers from a crash.
  auto ready = database_.wait_ready(milliseconds(1000));
  for (int i = 0; !ready && i < 10 && !stopping_; ++i) ready = database_.wait_ready(milliseconds(1000));
  if (!ready) return ready.error();
  postgres::Migrations migrations(database_.connection());
  if (migrate_) {
    const auto applied = migrations.up();
    if (!applied) return applied.error();
    if (*applied > 0) log::info("app", "brought the database schema up to date", {{"steps", *applied}});
    return check_();
  }
  const auto states = migrations.status();
  if (!states) return states.error();
  for (const auto& state : *states) {
    if (!state.applied_at) {
      return Error{ErrorCode::conflict,
                   "The database schema lacks step " + std::to_string(state.version) + " (" + state.name +
                       "): run `penstock migrate up`, or leave database.migrate on.",
                   "database.migrate"};
    }
  }
  return check_();
}

void StoreOpener::run() {
  Backoff backoff(milliseconds(200), milliseconds(10'000), std::random_device()());
  while (!stopping_) {
    const Result<void> opened = try_open();
    if (opened) {
      opened_();
      set_problem("");
      tried_ = true;
      return;
    }
    set_problem(full_text(opened.error()));
    if (opened.error().code != ErrorCode::unavailable && !stopping_) {
      failed_(opened.error());
      return;
    }
    tried_ = true;
    log::warn("app", "the database cannot be opened yet; ingest goes on without it",
              {{"error", full_text(opened.error())}});
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, backoff.next(), [this] { return stopping_.load(); });
  }
}

}  // namespace penstock::app
