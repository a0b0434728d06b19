#include "agent/agent.hpp"

#include <unistd.h>

#include <optional>
#include <string_view>
#include <thread>

#include "agent/collector.hpp"
#include "agent/deliverer.hpp"
#include "agent/descriptor.hpp"
#include "agent/outbox.hpp"
#include "agent/proc_text.hpp"
#include "agent/transport.hpp"
#include "base/log.hpp"
#include "core/system_clock.hpp"

namespace penstock::agent {
namespace {

constexpr std::chrono::milliseconds kNap{50};
constexpr std::chrono::seconds kLastWords{2};

// The name of the machine whose / is at `root`: a container's own name is another one each time it is made.
std::string host_name(const std::string& root) {
  const std::string given = read_small_file(root + "/etc/hostname");
  const std::string_view first = std::string_view(given).substr(0, given.find('\n'));
  if (const auto words = words_of(first); root != "/" && !words.empty()) return std::string(words[0]);
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "localhost";
}

}  // namespace

struct Agent::State {
  AgentOptions options;
  std::unique_ptr<Transport> own_transport;
  SystemClock system_clock;
  Transport* transport = nullptr;
  const Clock* clock = nullptr;
  std::unique_ptr<Outbox> outbox;
  std::optional<Collector> collector;
  std::optional<Deliverer> deliverer;
};

Agent::Agent(AgentOptions options) : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  const AgentOptions& given = state_->options;
  state_->own_transport = make_http_transport({given.url, given.token, given.deployment, given.timeout, given.tls});
  state_->transport = state_->own_transport.get();
  state_->clock = &state_->system_clock;
}

Agent::Agent(AgentOptions options, Transport& transport, const Clock& clock) : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  state_->transport = &transport;
  state_->clock = &clock;
}

Agent::~Agent() = default;

Result<void> Agent::open() {
  State& state = *state_;
  Result<std::unique_ptr<Outbox>> outbox = Outbox::open(state.options.state_dir, state.options.buffer_bytes, state.options.sealer);
  if (!outbox) return std::move(outbox).error();
  state.outbox = std::move(outbox).value();
  const std::string source = state.options.source.empty() ? host_name(state.options.root) : state.options.source;
  state.collector.emplace(state.options, source, *state.clock, *state.outbox);
  state.deliverer.emplace(state.options, *state.transport, *state.clock, *state.outbox);
  return {};
}

bool Agent::collect() { return state_->collector->step(); }
bool Agent::deliver() { return state_->deliverer->step(); }

AgentStats Agent::stats() const {
  AgentStats stats;
  if (!state_->outbox) return stats;
  state_->deliverer->fill(stats);
  stats.skipped_bytes = state_->collector->skipped_bytes();
  stats.dropped_batches = state_->outbox->dropped_batches();
  stats.dropped_bytes = state_->outbox->dropped_bytes();
  stats.spooled_bytes = state_->outbox->bytes();
  return stats;
}

int Agent::run(const StopFlag& stop) {
  if (const Result<void> opened = open(); !opened) {
    log::error("agent", "the agent cannot start", {{"reason", opened.error().message}, {"state_dir", state_->options.state_dir}});
    return 1;
  }
  log::info("agent", "the agent has started", {{"url", state_->options.url}, {"waiting_bytes", state_->outbox->bytes()}});
  state_->transport->end_with(stop, kLastWords);
  // A server that does not answer must not keep files and sensors from being read.
  std::thread delivery([this, &stop] {
    while (!stop) {
      if (!deliver()) std::this_thread::sleep_for(kNap);
    }
    const auto until = std::chrono::steady_clock::now() + kLastWords;
    while (std::chrono::steady_clock::now() < until && deliver()) {
    }
  });
  while (!stop) {
    if (!collect()) std::this_thread::sleep_for(kNap);
  }
  delivery.join();
  if (const Result<void> saved = state_->outbox->save(true); !saved) {
    log::error("agent", "the state file cannot be written", {{"reason", saved.error().message}});
  }
  const AgentStats done = stats();
  log::info("agent", "the agent has stopped", {{"sent_records", done.sent_records}, {"waiting_bytes", done.spooled_bytes}});
  return 0;
}

}  // namespace penstock::agent
