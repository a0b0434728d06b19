#include "http/shard.hpp"

#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <ctime>
#include <optional>
#include <vector>

#include "base/log.hpp"
#include "base/named_thread.hpp"
#include "http/completion.hpp"
#include "http/response_head.hpp"

namespace penstock::http {
namespace {

using boost::asio::redirect_error;
using boost::asio::use_awaitable;
using boost::asio::ip::tcp;
using ReusePort = boost::asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
using UnsentAtMost = boost::asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT>;

// What of an answer may lie in the kernel before the client has room for it. The kernel's own choice goes up to 4 MiB a
// client, also for one that never reads.
constexpr int kUnsentBytes = 32 * 1024;

// Connections at once that are told that there is no seat for them. They are not counted in the memory of connections.
constexpr std::size_t kMostTurnedAway = 128, kMostTurnedAwayTls = 16;

// Counts as a connection, so that a drain waits for it.
class Live {
 public:
  explicit Live(Edge& edge) : edge_(edge) { edge_.connection_begins(); }
  ~Live() { edge_.connection_ends(); }
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

 private:
  Edge& edge_;
};

}  // namespace

Shard::Shard(Edge& edge)
    : edge_(edge),
      work_(boost::asio::make_work_guard(context_)),
      acceptor_(context_),
      sweep_timer_(context_),
      accept_pause_(context_),
      date_(format_http_date(std::time(nullptr))) {}

Shard::~Shard() = default;

Result<std::uint16_t> Shard::listen(const tcp::endpoint& endpoint) {
  boost::system::error_code failed;
  acceptor_.open(endpoint.protocol(), failed);
  if (!failed) acceptor_.set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed) acceptor_.set_option(ReusePort(true), failed);
  if (!failed) acceptor_.bind(endpoint, failed);
  if (!failed) acceptor_.listen(1024, failed);
  std::uint16_t port = 0;
  if (!failed) port = acceptor_.local_endpoint(failed).port();
  if (failed) {
    return Error{ErrorCode::io_error,
                 "Cannot listen on " + endpoint.address().to_string() + ":" + std::to_string(endpoint.port()) + ": " +
                     failed.message() + ".", ""};
  }
  return port;
}

void Shard::start(std::size_t number) {
  boost::asio::co_spawn(context_, accept_loop(this), boost::asio::detached);
  boost::asio::co_spawn(context_, sweep_loop(this), boost::asio::detached);
  thread_ = std::thread([this, number] {
    name_this_thread("http-" + std::to_string(number));
    context_.run();
  });
}

boost::asio::awaitable<void> Shard::accept_loop(Shard* shard) {
  boost::system::error_code failed;
  while (shard->acceptor_.is_open()) {
    tcp::socket socket = co_await shard->acceptor_.async_accept(redirect_error(use_awaitable, failed));
    if (!failed) {
      co_await shard->welcome(std::move(socket));
    } else if (shard->acceptor_.is_open() && failed != boost::asio::error::connection_aborted) {
      // Out of file descriptors, most likely: a pause gives connections time to end.
      shard->edge_.metrics.refused("accept_failed");
      log::warn("http", "Cannot accept connections for the moment.", {{"error", failed.message()}});
      shard->accept_pause_.expires_after(std::chrono::milliseconds(100));
      co_await shard->accept_pause_.async_wait(redirect_error(use_awaitable, failed));
    }
  }
}

boost::asio::awaitable<void> Shard::welcome(tcp::socket socket) {
  boost::system::error_code failed;
  const tcp::endpoint peer = socket.remote_endpoint(failed);
  if (failed || edge_.draining.load(std::memory_order_relaxed)) co_return;
  // No thread may end while this one waits for another, nor before the connection counts itself.
  const Live live(edge_);
  boost::asio::ip::address address = peer.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
  }
  Connection::Guest guest;
  guest.peer = address.to_string();
  guest.trusted = edge_.proxies.trusts(address);
  if (!guest.trusted) guest.seat = ConnectionSeats::key_of(address);
  std::string_view refused;
  const bool seated = co_await seat(guest, refused);
  if (!seated) {
    edge_.metrics.refused(refused);
    guest.turned_away = true;
    const std::size_t most = edge_.secure() ? kMostTurnedAwayTls : kMostTurnedAway;
    if (edge_.turned_away.load(std::memory_order_relaxed) >= most) co_return;  // a flood: not even that
  }
  socket.set_option(tcp::no_delay(true), failed);
  socket.set_option(UnsentAtMost(kUnsentBytes), failed);
  auto connection = std::make_shared<Connection>(edge_, *this, std::move(socket), std::move(guest), date_);
  connections_.push_back(*connection);
  boost::asio::co_spawn(context_, Connection::run(std::move(connection)), boost::asio::detached);
}

boost::asio::awaitable<bool> Shard::seat(Connection::Guest& guest, std::string_view& refused) {
  ConnectionSeats::Answer seated = edge_.seats.take(guest.seat);
  if (seated != ConnectionSeats::Answer::seated) {
    std::optional<ConnectionSeats::Key> of;
    if (seated == ConnectionSeats::Answer::address_full) of = guest.seat;
    bool room = evict_one(of);
    if (!room) room = co_await evict_elsewhere(of);
    if (room) seated = edge_.seats.take(guest.seat, seated);
  }
  if (seated != ConnectionSeats::Answer::seated) {
    refused = seated == ConnectionSeats::Answer::full ? "connections" : "connections_per_address";
    co_return false;
  }
  std::optional<ByteBudget::Lease> memory = edge_.connection_memory.take(edge_.connection_bytes());
  for (bool room = true; !memory && room;) {
    room = evict_one(std::nullopt);
    if (!room) room = co_await evict_elsewhere(std::nullopt);
    if (room) memory = edge_.connection_memory.take(edge_.connection_bytes());
  }
  if (!memory) {
    edge_.seats.give_back(guest.seat);
    refused = "connection_memory";
    co_return false;
  }
  guest.memory = std::move(*memory);
  co_return true;
}

// So that slow strangers cannot hold every seat, nor every seat of an address that they share with others: who never
// asked anything whole goes first, the longest waiting among them. Within an address only they, who stalls and who is idle go:
// an address whose clients do ask has its share and no more.
bool Shard::evict_one(std::optional<ConnectionSeats::Key> of, const Connection* except) {
  const auto least = of ? Connection::Dispensable::idle : Connection::Dispensable::sender;
  const auto now = Connection::Clock::now();
  Connection* chosen = nullptr;
  auto best = Connection::Dispensable::not_at_all;
  for (Connection& connection : connections_) {
    const auto rank = connection.dispensable(now);
    if (&connection == except || (of && connection.seat() != *of) || rank < least || rank < best) continue;
    if (chosen != nullptr && rank == best && connection.phase_began() >= chosen->phase_began()) continue;
    chosen = &connection;
    best = rank;
  }
  if (chosen != nullptr) chosen->evict();
  return chosen != nullptr;
}

boost::asio::awaitable<bool> Shard::evict_elsewhere(std::optional<ConnectionSeats::Key> of) {
  bool made = false;
  for (Shard* other : others_) {
    if (made || edge_.draining.load(std::memory_order_relaxed)) break;
    const Completion<bool> done(context_.get_executor());
    boost::asio::post(other->context_, [other, of, done] { done.fulfil(other->evict_one(of)); });
    made = co_await done.wait();
  }
  co_return made;
}

boost::asio::awaitable<void> Shard::sweep_loop(Shard* shard) {
  boost::system::error_code failed;
  while (!shard->ending_) {
    shard->sweep_timer_.expires_after(shard->edge_.options.deadlines.sweep);
    co_await shard->sweep_timer_.async_wait(redirect_error(use_awaitable, failed));
    shard->sweep();
  }
}

void Shard::sweep() {
  date_ = format_http_date(std::time(nullptr));
  const auto now = Connection::Clock::now();
  std::vector<pollfd> watched;
  std::vector<Connection*> owners;
  for (Connection& connection : connections_) {
    connection.expire(now);
    if (!connection.watches_peer()) continue;
    watched.push_back({connection.socket(), POLLRDHUP, 0});
    owners.push_back(&connection);
  }
  if (watched.empty() || poll(watched.data(), watched.size(), 0) <= 0) return;
  for (std::size_t i = 0; i < watched.size(); ++i) {
    if ((watched[i].revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0) owners[i]->peer_left();
  }
}

void Shard::begin_drain() {
  boost::asio::post(context_, [this] {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    accept_pause_.cancel();
    for (Connection& connection : connections_) connection.begin_drain();
  });
}

void Shard::cut_all() {
  boost::asio::post(context_, [this] {
    for (Connection& connection : connections_) connection.cut();
  });
}

void Shard::join() {
  boost::asio::post(context_, [this] {
    ending_ = true;
    sweep_timer_.cancel();
    work_.reset();
  });
  if (thread_.joinable()) thread_.join();
}

}  // namespace penstock::http
