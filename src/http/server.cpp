#include "http/server.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <ctime>
#include <thread>
#include <vector>

#include "base/log.hpp"
#include "base/usable_memory.hpp"
#include "http/certificate.hpp"
#include "http/response_head.hpp"
#include "http/shard.hpp"
#include "http/tls.hpp"

namespace penstock::http {
namespace {

using boost::asio::ip::tcp;

// Files that the rest of the process needs.
constexpr std::size_t kOtherFiles = 128;

Options within_file_limit(Options options) {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) return options;
  const std::size_t room = files.rlim_cur > 2 * kOtherFiles ? files.rlim_cur - kOtherFiles : files.rlim_cur / 2;
  if (options.max_connections > room) {
    log::info("http", "The file limit allows fewer connections than configured.",
              {{"configured", options.max_connections}, {"allowed", room}});
    options.max_connections = room;
  }
  return options;
}

// SO_REUSEPORT would let a second process of the same user bind the same port without a word.
Result<void> check_port_is_free(const tcp::endpoint& endpoint) {
  boost::asio::io_context context;
  boost::system::error_code failed;
  tcp::acceptor probe(context);
  probe.open(endpoint.protocol(), failed);
  if (!failed) probe.set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed) probe.bind(endpoint, failed);
  if (!failed) return {};
  return Error{ErrorCode::io_error, "Cannot listen on " + endpoint.address().to_string() + ":" +
      std::to_string(endpoint.port()) + ": " + failed.message() + ".", ""};
}

void tell_certificate(const CertificateFacts& facts, EdgeMetrics& metrics) {
  constexpr std::int64_t kSoon = 14 * 24 * 3600;
  metrics.certificate_ends(facts.ends_at);
  const std::string end = format_http_date(facts.ends_at);
  if (facts.ends_at - std::time(nullptr) < kSoon) log::warn("http", "The certificate ends soon, or has ended: renew it, and send SIGHUP.", {{"ends", end}});
  log::info("http", "Shows this certificate.", {{"fingerprint", facts.fingerprint}, {"ends", end}});
}

}  // namespace

struct Server::State {
  State(Options options, Handler& handler, ByteBudget& budget, MetricsRegistry& metrics)
      : edge(within_file_limit(suited_to(usable_memory(), std::move(options))), handler, budget, metrics) {}

  bool wait_until_none_live(std::chrono::milliseconds patience) {
    std::unique_lock lock(edge.live_mutex);
    return edge.none_live.wait_for(lock, patience, [this] { return edge.live == 0; });
  }

  Edge edge;
  std::vector<std::unique_ptr<Shard>> shards;
  std::uint16_t port = 0;
  bool running = false;
};

Server::Server(Options options, Handler& handler, ByteBudget& budget, MetricsRegistry& metrics)
    : state_(std::make_unique<State>(std::move(options), handler, budget, metrics)) {}

Server::~Server() { drain(std::chrono::milliseconds(0)); }

Result<void> Server::start() {
  const Options& options = state_->edge.options;
  if (!options.tls.certificate_file.empty()) {
    Result<void> loaded = reload_tls();
    if (!loaded) return loaded;
  }
  auto proxies = TrustedProxies::parse(options.trusted_proxies, options.trust_loopback);
  if (!proxies) return proxies.error();
  state_->edge.proxies = std::move(*proxies);
  boost::system::error_code failed;
  const auto address = boost::asio::ip::make_address(options.address, failed);
  if (failed) {
    return Error{ErrorCode::config_error, "The listen address " + options.address + " is not an IP address.", "listen"};
  }
  tcp::endpoint endpoint(address, options.port);
  Result<void> free = check_port_is_free(endpoint);
  if (!free) return free;
  const std::size_t threads = options.threads > 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::unique_ptr<Shard>> shards;
  for (std::size_t i = 0; i < threads; ++i) {
    shards.push_back(std::make_unique<Shard>(state_->edge));
    const Result<std::uint16_t> port = shards.back()->listen(endpoint);
    if (!port) return port.error();
    endpoint.port(*port);
  }
  state_->port = endpoint.port();
  for (const auto& shard : shards) {
    std::vector<Shard*> others;
    for (const auto& other : shards) {
      if (other != shard) others.push_back(other.get());
    }
    shard->meet(std::move(others));
  }
  state_->shards = std::move(shards);
  state_->running = true;
  log::info("http", "Takes connections.",
            {{"at_most", state_->edge.most_connections()}, {"of_one_address", options.max_connections_per_address},
             {"memory", options.connection_memory}, {"memory_of_each", state_->edge.connection_bytes()}});
  for (std::size_t i = 0; i < threads; ++i) state_->shards[i]->start(i);
  return {};
}

std::uint16_t Server::port() const { return state_->port; }

Result<void> Server::reload_tls() {
  auto context = make_server_tls(state_->edge.options.tls);
  if (!context) return context.error();
  state_->edge.set_tls(*context);
  if (const auto facts = certificate_facts(state_->edge.options.tls.certificate_file)) tell_certificate(*facts, state_->edge.metrics);
  return {};
}

void Server::stop_accepting() {
  if (state_->edge.draining.exchange(true)) return;
  for (const auto& shard : state_->shards) shard->begin_drain();
}

bool Server::drain(std::chrono::milliseconds patience) {
  stop_accepting();
  if (!state_->running) return true;
  const bool clean = state_->wait_until_none_live(patience);
  if (!clean) {
    for (const auto& shard : state_->shards) shard->cut_all();
    // Frames must unwind before their context ends, so there is no giving up here.
    while (!state_->wait_until_none_live(std::chrono::seconds(5))) {
      log::warn("http", "Handlers have not ended yet, though they were told to.", {{"connections", connections()}});
    }
  }
  for (const auto& shard : state_->shards) shard->join();
  state_->running = false;
  return clean;
}

std::size_t Server::connections() const {
  const std::lock_guard lock(state_->edge.live_mutex);
  return state_->edge.live;
}

std::uint64_t Server::requests_total() const { return state_->edge.metrics.requests_total(); }

const ByteBudget& Server::connection_memory() const { return state_->edge.connection_memory; }

const ByteBudget& Server::answer_memory() const { return state_->edge.answer_memory; }

}  // namespace penstock::http
