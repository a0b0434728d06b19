#include "api/watched_stream.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <utility>

namespace penstock::api {
namespace {

// Revocation is to act within a second.
constexpr std::chrono::milliseconds kAskEvery{800};

// Cancels a stream from outside: the stream itself may be waiting for a record or for its client.
class Watch : public std::enable_shared_from_this<Watch> {
 public:
  Watch(CallPtr call, http::BodyStream& stream, boost::asio::any_io_executor executor)
      : call_(std::move(call)), stream_(stream), timer_(std::move(executor)) {}

  void arm() {
    timer_.expires_after(kAskEvery);
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& problem) {
      const auto self = weak.lock();
      if (problem || !self || self->over_) return;
      if (self->call_->still_valid()) return self->arm();
      self->revoked_ = true;
      self->stream_.cancel();
    });
  }
  void stop() {
    over_ = true;
    timer_.cancel();
  }
  bool revoked() const { return revoked_; }

 private:
  const CallPtr call_;
  http::BodyStream& stream_;
  boost::asio::steady_timer timer_;
  bool revoked_ = false, over_ = false;
};

class WatchedStream final : public http::BodyStream {
 public:
  WatchedStream(std::unique_ptr<http::BodyStream> stream, CallPtr call, boost::asio::any_io_executor executor)
      : stream_(std::move(stream)), watch_(std::make_shared<Watch>(std::move(call), *stream_, std::move(executor))) {
    watch_->arm();
  }
  ~WatchedStream() override { watch_->stop(); }

  boost::asio::awaitable<std::optional<std::string>> next() override {
    std::optional<std::string> piece = co_await stream_->next();
    if (watch_->revoked()) throw std::runtime_error("the caller may no longer have this answer");
    co_return piece;
  }
  void cancel() override { stream_->cancel(); }

 private:
  std::unique_ptr<http::BodyStream> stream_;
  std::shared_ptr<Watch> watch_;
};

}  // namespace

boost::asio::awaitable<http::Response> watched(const Endpoint* endpoint, RequestPtr request, CallPtr call) {
  const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  http::Response response = co_await (*endpoint)(std::move(request), call);
  if (response.stream) response.stream = std::make_unique<WatchedStream>(std::move(response.stream), std::move(call), executor);
  co_return response;
}

}  // namespace penstock::api
