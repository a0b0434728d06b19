// One io thread: its context, its acceptor, its connections and the sweep over them. Of this room's insides.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "http/connection.hpp"

namespace penstock::http {

class Shard final : public Neighbours {
 public:
  explicit Shard(Edge& edge);
  ~Shard();  // the thread must have been joined

  // Binds with SO_REUSEPORT, so that all shards share one port. io_error when that fails.
  Result<std::uint16_t> listen(const boost::asio::ip::tcp::endpoint& endpoint);
  // Before start(): the shards that serve beside this one.
  void meet(std::vector<Shard*> others) { others_ = std::move(others); }
  void start(std::size_t number);

  // From any thread.
  void begin_drain();
  void cut_all();
  // Once no connection is left: lets the thread end, and waits for it.
  void join();

 private:
  using Connections = boost::intrusive::list<Connection, boost::intrusive::constant_time_size<false>>;

  static boost::asio::awaitable<void> accept_loop(Shard* shard);
  static boost::asio::awaitable<void> sweep_loop(Shard* shard);
  boost::asio::awaitable<void> welcome(boost::asio::ip::tcp::socket socket);
  // What the newcomer gets; false, and `refused` says why, when nobody makes room for it.
  boost::asio::awaitable<bool> seat(Connection::Guest& guest, std::string_view& refused);
  // The most dispensable one, of equals the one that has waited longest. `of`: only one of this address. `except`: not this one.
  // False when there is none to be given up.
  bool evict_one(std::optional<ConnectionSeats::Key> of, const Connection* except = nullptr);
  // The same among the connections of the other threads.
  boost::asio::awaitable<bool> evict_elsewhere(std::optional<ConnectionSeats::Key> of);
  bool evict_one_beside(const Connection& except) override { return evict_one(std::nullopt, &except); }
  void sweep();

  Edge& edge_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer sweep_timer_;
  boost::asio::steady_timer accept_pause_;
  Connections connections_;
  std::vector<Shard*> others_;
  std::string date_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace penstock::http
