#include "api/log_tail.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <memory>
#include <utility>

#include "api/tail_feed.hpp"
#include "http/offload.hpp"

namespace penstock::api {
namespace {

constexpr std::chrono::seconds kKeepAlive{15};

// A comment now and then, so that proxies and clients see a living connection. Ends with its owner.
class KeepAlive : public std::enable_shared_from_this<KeepAlive> {
 public:
  KeepAlive(std::shared_ptr<TailFeed> feed, boost::asio::any_io_executor executor)
      : feed_(std::move(feed)), timer_(std::move(executor)) {}

  void arm() {
    timer_.expires_after(kKeepAlive);
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& problem) {
      const auto self = weak.lock();
      if (problem || !self) return;
      self->feed_->pipe()->try_write(": alive\n\n");
      self->arm();
    });
  }
  void stop() { timer_.cancel(); }

 private:
  std::shared_ptr<TailFeed> feed_;
  boost::asio::steady_timer timer_;
};

class TailStream final : public http::BodyStream {
 public:
  TailStream(std::shared_ptr<TailFeed> feed, const boost::asio::any_io_executor& executor)
      : feed_(std::move(feed)), events_(feed_->pipe()->stream()), keep_alive_(std::make_shared<KeepAlive>(feed_, executor)) {
    keep_alive_->arm();
  }

  ~TailStream() override {
    keep_alive_->stop();
    feed_->end();
  }

  boost::asio::awaitable<std::optional<std::string>> next() override { return events_->next(); }
  void cancel() override { events_->cancel(); }

 private:
  std::shared_ptr<TailFeed> feed_;
  std::unique_ptr<http::BodyStream> events_;
  std::shared_ptr<KeepAlive> keep_alive_;
};

}  // namespace

boost::asio::awaitable<http::Response> open_tail(LogTail tail, RequestPtr request) {
  const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  const auto feed = std::make_shared<TailFeed>(tail.hub, executor);
  auto stream = std::make_unique<TailStream>(feed, executor);
  if (tail.resume) {
    Downloads& downloads = tail.downloads;
    auto job = [feed, tail = std::move(tail), gone = request->gone] { feed->catch_up(tail, *tail.resume, *gone); };
    if (!downloads.begin(feed->pipe(), std::move(job))) {
      co_return http::error_response(Error{ErrorCode::overloaded, "Too many downloads are under way already (query.downloads): try again in a moment.", ""});
    }
  } else {
    WorkerPool& pool = tail.pool;
    auto job = [feed, tail = std::move(tail)] { return feed->begin(tail.scope, tail.query); };
    const Result<void> begun = co_await http::offload(pool, std::move(job));
    if (!begun) co_return http::error_response(begun.error());
  }
  http::Response response;
  response.content_type = "text/event-stream";
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("X-Accel-Buffering", "no");  // nginx would hold events back
  response.stream = std::move(stream);
  response.endless = true;
  co_return response;
}

}  // namespace penstock::api
