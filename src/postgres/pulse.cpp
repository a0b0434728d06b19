#include "postgres/pulse.hpp"

#include <chrono>
#include <utility>

#include "base/log.hpp"
#include "base/named_thread.hpp"
#include "postgres/kept_connection.hpp"

namespace penstock::postgres {
namespace {

// Together less than two seconds.
constexpr std::chrono::milliseconds kEvery{1000}, kAnswer{800};
constexpr std::chrono::milliseconds kEveryWhileAway{250};
constexpr std::chrono::seconds kConnect{2};

ConnectionOptions impatient(ConnectionOptions options) {
  options.connect_timeout = std::min(options.connect_timeout, kConnect);
  return options;
}

}  // namespace

Pulse::Pulse(ConnectionOptions options)
    : connection_(std::make_unique<KeptConnection>(impatient(std::move(options)), [](PqConnection& fresh) { fresh.set_answer_timeout(kAnswer); })) {}

Pulse::~Pulse() { stop(); }

void Pulse::start() {
  looking_.store(true, std::memory_order_release);
  thread_ = named_thread("pulse", [this] { run(); });
}

void Pulse::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::optional<Error> Pulse::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

void Pulse::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    auto found = look();
    lock.lock();
    if (found.has_value() != problem_.has_value()) {
      if (found) {
        log::warn("postgres", "the database does not answer; queries see what the journal holds", {{"error", full_text(*found)}});
      } else {
        log::info("postgres", "the database answers again");
      }
    }
    problem_ = std::move(found);
    away_.store(problem_.has_value(), std::memory_order_release);
    changed_.wait_for(lock, problem_ ? kEveryWhileAway : kEvery, [this] { return stopping_; });
  }
}

std::optional<Error> Pulse::look() {
  auto open = connection_->open();
  if (!open) return open.error();
  auto answer = (*open)->run("SELECT 1", "answer");
  if (answer) return std::nullopt;
  connection_->drop();
  return answer.error();
}

}  // namespace penstock::postgres
