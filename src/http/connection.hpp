// One client's connection: reads requests, has them handled, writes answers, one after the other. Of this room's
// insides.
//
// Everything runs on the io thread of its shard. The coroutine run() owns the connection; the shard's sweep only looks
// at phase and deadline, and cancels or closes the socket, upon which the coroutine goes on and ends.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/intrusive/list_hook.hpp>
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/edge.hpp"
#include "http/head_guard.hpp"
#include "http/request_parser.hpp"
#include "http/wire.hpp"

namespace penstock::http {

class Connection;

// Those of the same io thread.
class Neighbours {
 public:
  // Gives up the connection that is most dispensable, not `except`; false when there is none to be given up.
  virtual bool evict_one_beside(const Connection& except) = 0;

 protected:
  ~Neighbours() = default;
};

class Connection final : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>,
                         public std::enable_shared_from_this<Connection>,
                         private Holder {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Phase { handshake, idle, header, body, handling, writing, streaming, lingering, over };

  // Who the other end is, and what it has here.
  struct Guest {
    std::string peer;
    bool trusted = false;  // as a proxy: says who its clients are
    ConnectionSeats::Key seat = ConnectionSeats::kNobody;
    ByteBudget::Lease memory;  // of the edge's connection_memory
    bool turned_away = false;  // has neither, and is told so
  };
  // `date`: the shard's current Date value; outlives the connection, as the neighbours do.
  Connection(Edge& edge, Neighbours& neighbours, Wire::Socket socket, Guest guest, const std::string& date);
  ~Connection();

  static boost::asio::awaitable<void> run(std::shared_ptr<Connection> self);

  // The rest is for the shard.
  void expire(Clock::time_point now);  // acts when the deadline has passed
  bool watches_peer() const { return phase_ == Phase::handling || phase_ == Phase::streaming; }
  int socket() { return wire_.socket().native_handle(); }
  void peer_left();
  void begin_drain();
  void cut();
  ConnectionSeats::Key seat() const { return guest_.seat; }
  // How willingly this connection is given up for a new one, the last first.
  enum class Dispensable { not_at_all, sender, reader_that_stalls, idle, sender_that_stalls, never_asked };
  Dispensable dispensable(Clock::time_point now) const;
  Clock::time_point phase_began() const { return phase_began_; }
  void evict();

 private:
  static constexpr std::size_t kSmallRead = 2 * 1024;  // what a connection reads at once until it has much to read

  // What one request needs while it is served.
  struct Exchange {
    std::shared_ptr<Request> request;
    std::optional<RequestParser> parser;
    std::optional<BodyBuffer> body;
    HeadFacts facts;
    Admission admission;
    Response response;
    ByteBudget::Lease answer_lease;  // covers the response's own body, or the piece of a stream that is written
    ConnectionSeats::Key address = ConnectionSeats::kNobody;  // of the client, which may be behind a proxy
    RequestSeat seat;                // where a proxy's client has one
    std::size_t body_seen = 0;       // of its bytes, when the pace was last looked at
    int asked = 0;                   // how many were asked to give way to it
    Clock::time_point began;
    bool close = false;      // after the answer
  };

  boost::asio::awaitable<void> serve();
  boost::asio::awaitable<bool> serve_one();
  boost::asio::awaitable<void> answer_once(ErrorCode code, const char* message);
  // connection.cpp: true when a whole head stands in the buffer; false: nothing to answer, or (response set) only that.
  boost::asio::awaitable<bool> read_head();
  bool examine_head();
  boost::asio::awaitable<bool> wait_for_admission();
  bool judge_admission();
  bool lacks_length() const;
  bool know_client();
  boost::asio::awaitable<void> handle();
  // connection_body.cpp
  bool admit_body();
  boost::asio::awaitable<bool> lease_body();
  boost::asio::awaitable<bool> read_body();
  boost::asio::awaitable<bool> take_body(HolderPlace& place);
  Result<std::size_t> body_step();
  boost::asio::awaitable<bool> skip_body();
  bool can_skip_body() const;
  void release_body();
  // connection_answer.cpp
  boost::asio::awaitable<bool> answer();
  boost::asio::awaitable<bool> write_stream(bool chunked);
  bool must_hold_answer() const;
  boost::asio::awaitable<bool> hold_answer(std::size_t bytes);
  boost::asio::awaitable<bool> pack_body();
  boost::asio::awaitable<bool> write_all(std::array<boost::asio::const_buffer, 3> buffers);
  boost::asio::awaitable<void> hang_up(bool linger);
  boost::asio::awaitable<void> read_away();

  // connection_memory.cpp, where the view that seats and budgets have of it is too
  boost::asio::awaitable<bool> make_room(Holders& holders);
  void give_way(Gone gone) override;
  void make_way();
  boost::asio::awaitable<bool> read_more();
  std::size_t room_to_read();
  bool grow_buffer(std::size_t by);
  void hold_little();

  void enter(Phase phase);
  void enter(Phase phase, std::chrono::milliseconds patience);
  void refuse(const Error& error, int status, bool close);
  void refuse(const Error& error, bool close) { refuse(error, status_of(error.code), close); }

  // What was read and not yet consumed.
  std::string_view unread() const {
    return {static_cast<const char*>(buffer_.data().data()), buffer_.data().size()};
  }

  Edge& edge_;
  Neighbours& neighbours_;
  Wire wire_;
  Guest guest_;
  std::shared_ptr<const PeerCertificate> client_certificate_;
  const std::size_t own_bytes_;  // what it counts while it holds little
  const std::string& date_;
  boost::beast::flat_buffer buffer_;
  std::string out_;  // the head of the answer, and small bodies
  std::optional<Exchange> exchange_;  // of the request being served
  std::size_t head_size_ = 0;
  std::size_t read_size_;
  Phase phase_ = Phase::idle;
  Clock::time_point phase_began_;
  std::optional<Clock::time_point> deadline_;
  Clock::duration write_credit_;  // how long the answer's client may still be waited for
  bool served_ = false;   // at least one whole head came
  bool expired_ = false;  // the sweep ended the operation under way
  bool cut_ = false;      // end without ceremony
  bool starved_ = false;  // no memory for more of its head
  bool gave_way_ = false;  // its body was given up for others
};

}  // namespace penstock::http
