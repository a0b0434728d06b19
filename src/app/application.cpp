#include "app/application.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

#include "app/alarm.hpp"
#include "app/rooms.hpp"

namespace penstock::app {

using std::chrono::milliseconds;

namespace {

// A private database that does not stop by itself is ended within this.
constexpr milliseconds kToKillIt{6000};

}  // namespace

Application::Application(const config::Config& config) : config_(config), rooms_(std::make_unique<Rooms>(config)) {}

Application::~Application() { stop(); }

Result<void> Application::start() {
  if (auto built = rooms_->build(config_); !built) return built;
  rooms_->journal->start();
  // Also with the database away: what is told meanwhile is kept on disk.
  rooms_->identity->audit.start();
  rooms_->losses->start();
  rooms_->store_opener->start();
  if (auto started = rooms_->server->start(); !started) return started;
  if (rooms_->admin_token) {
    if (auto saved = rooms_->admin_token->save(); !saved) return saved;  // now that it will be shown
    rooms_->token_watch = std::make_unique<auth::TokenWatch>(rooms_->admin_token->path(), [token = &*rooms_->admin_token] { token->reload(); });
  }
  return {};
}

void Application::reload() {
  if (config_.http.tls.certificate_file.empty()) return;
  if (auto reloaded = rooms_->server->reload_tls(); !reloaded) {
    log::error("app", "the new certificate cannot be used; the old one stays", {{"error", reloaded.error().message}});
  } else {
    log::info("app", "read the certificate again");
  }
}

void Application::stop() {
  Rooms& rooms = *rooms_;
  if (rooms.draining.exchange(true)) return;
  const auto deadline = std::chrono::steady_clock::now() + config_.drain;
  const auto left = [&] {
    return std::max(milliseconds(0),
                    std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now()));
  };
  // A silent database must not keep us: what is not stored is safe in the journal. A private one needs the rest to stop.
  std::optional<Alarm> alarm;
  if (rooms.database) {
    alarm.emplace(left() * 3 / 5, [&rooms] {
      log::warn("app", "the database does not answer; stopping without it");
      rooms.database->give_up();
    });
  }
  if (rooms.admission) rooms.admission->drain();
  // Requests keep half of the time; the rest is for what they left to store.
  if (rooms.server) rooms.server->drain(left() / 2);
  if (rooms.tail) rooms.tail->stop();
  if (rooms.journal) rooms.journal->stop();
  if (rooms.store_opener) rooms.store_opener->stop();
  if (rooms.sinks) rooms.sinks->stop(left() / 2);
  if (rooms.maintenance) rooms.maintenance->stop();
  if (rooms.downloads) rooms.downloads->stop();
  for (WorkerPool* pool :
       {rooms.decode_pool.get(), rooms.query_pool.get(), rooms.status_pool.get(),
        rooms.dead_letter_pool.get()}) {
    if (pool != nullptr) pool->stop();
  }
  if (rooms.key_keeper) rooms.key_keeper->stop();
  if (rooms.losses) rooms.losses->stop();
  if (rooms.identity) rooms.identity->stop();
  alarm.reset();
  if (rooms.database) rooms.database->stop(std::max(milliseconds(1000), left() - kToKillIt));
}

std::string Application::address() const {
  const bool tls = !config_.http.tls.certificate_file.empty();
  const std::string& host = config_.http.address;
  return (tls ? "https://" : "http://") + (host.find(':') != std::string::npos ? "[" + host + "]" : host) + ":" +
         std::to_string(rooms_->server->port());
}

const std::string& Application::new_admin_token() const { return rooms_->new_token; }

const std::string& Application::new_key_file() const { return rooms_->new_key_file; }

std::optional<Error> Application::failure() const {
  const std::lock_guard lock(rooms_->mutex);
  return rooms_->failure;
}

}  // namespace penstock::app
