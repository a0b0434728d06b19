#include "api/log_stream.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "api/answers.hpp"
#include "http/byte_pipe.hpp"
#include "http/completion.hpp"
#include "query/csv.hpp"
#include "query/json.hpp"

namespace penstock::api {
namespace {

constexpr std::size_t kPipeBytes = 256 * 1024;
constexpr std::size_t kPieceBytes = 32 * 1024;
// What may wait for one tail's client; of all tails together no more than the second, but each has the third.
constexpr std::size_t kTailPipeBytes = 512 * 1024;
constexpr std::size_t kAllTailsBytes = 8 * 1024 * 1024;
constexpr std::size_t kLeastTailBytes = 16 * 1024;
constexpr std::chrono::seconds kKeepAlive{15};

// Runs on a worker thread.
void produce(const LogStream& stream, http::BytePipe& pipe, const http::Completion<Result<void>>& started,
             const StopFlag& gone) {
  std::string piece;
  if (stream.csv) piece = query::csv_header();
  bool told = false;
  std::uint64_t rows = 0;
  const auto visit = [&](const query::LogRow& row) {
    if (!told) {
      told = true;
      started.fulfil(Result<void>());
    }
    if (stream.csv) {
      query::append_csv(piece, row);
    } else {
      query::append_log_json(piece, row);
      piece += '\n';
    }
    if (piece.size() >= kPieceBytes) {
      if (!pipe.write(std::exchange(piece, {}))) return false;
    }
    return ++rows != stream.most_rows;
  };
  const auto stats = stream.engine.stream_logs(stream.scope, stream.query, visit, gone);
  if (!told) started.fulfil(stats ? Result<void>() : Result<void>(stats.error()));
  if (!stats) return pipe.fail();  // a cut body tells the client that this is not the whole
  if (!piece.empty()) pipe.write(std::move(piece));
  pipe.close();
}

// A comment now and then, so that proxies and clients see a living connection. Ends with its owner.
class KeepAlive : public std::enable_shared_from_this<KeepAlive> {
 public:
  KeepAlive(std::shared_ptr<http::BytePipe> pipe, boost::asio::any_io_executor executor)
      : pipe_(std::move(pipe)), timer_(std::move(executor)) {}

  void arm() {
    timer_.expires_after(kKeepAlive);
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& problem) {
      const auto self = weak.lock();
      if (problem || !self) return;
      self->pipe_->try_write(": alive\n\n");
      self->arm();
    });
  }
  void stop() { timer_.cancel(); }

 private:
  std::shared_ptr<http::BytePipe> pipe_;
  boost::asio::steady_timer timer_;
};

// Of this process: the memory is one.
std::atomic<std::size_t> tails_open{0};

std::size_t share_of_a_tail() {
  const std::size_t tails = std::max<std::size_t>(tails_open.load(std::memory_order_relaxed), 1);
  return std::clamp(kAllTailsBytes / tails, kLeastTailBytes, kTailPipeBytes);
}

class TailStream final : public http::BodyStream {
 public:
  TailStream(query::TailHub& hub, const boost::asio::any_io_executor& executor)
      : hub_(hub),
        pipe_(http::BytePipe::create(executor, kTailPipeBytes)),
        events_(pipe_->stream()),
        keep_alive_(std::make_shared<KeepAlive>(pipe_, executor)) {
    tails_open.fetch_add(1, std::memory_order_relaxed);
  }

  ~TailStream() override {
    keep_alive_->stop();
    hub_.unsubscribe(id_);
    tails_open.fetch_sub(1, std::memory_order_relaxed);
  }

  Result<void> open(const query::Scope& scope, const query::LogQuery& query, query::Matcher matcher) {
    auto id = hub_.subscribe(scope, query, std::move(matcher), [pipe = pipe_](query::TailEvent event, std::string json) {
      const char* name = event == query::TailEvent::gap ? "event: gap\ndata: " : "event: record\ndata: ";
      return pipe->try_write(name + std::move(json) + "\n\n", share_of_a_tail());
    });
    if (!id) return id.error();
    id_ = *id;
    pipe_->try_write(
        ": listening\n\n");  // headers and this go out at once, so the client knows that nothing is missed from here on
    keep_alive_->arm();
    return {};
  }

  boost::asio::awaitable<std::optional<std::string>> next() override { return events_->next(); }
  void cancel() override { events_->cancel(); }

 private:
  query::TailHub& hub_;
  std::shared_ptr<http::BytePipe> pipe_;
  std::unique_ptr<http::BodyStream> events_;
  std::shared_ptr<KeepAlive> keep_alive_;
  query::TailHub::Id id_ = 0;
};

}  // namespace

boost::asio::awaitable<http::Response> stream_logs(LogStream stream, RequestPtr request) {
  const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  const std::shared_ptr<http::BytePipe> pipe = http::BytePipe::create(executor, kPipeBytes);
  const http::Completion<Result<void>> started(executor);
  http::Response response;
  response.content_type = stream.csv ? "text/csv; charset=utf-8" : "application/x-ndjson";
  response.stream = pipe->stream();
  Downloads& downloads = stream.downloads;
  auto job = [stream = std::move(stream), pipe, started, gone = request->gone] {
    produce(stream, *pipe, started, *gone);
  };
  const bool taken = downloads.begin(pipe, std::move(job));
  if (!taken) {
    co_return http::error_response(
        Error{ErrorCode::overloaded, "Too many downloads are under way already (query.downloads): try again in a moment.", ""});
  }
  const Result<void> begun = co_await started.wait();
  if (!begun) co_return http::error_response(begun.error());
  co_return response;
}

boost::asio::awaitable<http::Response> open_tail(query::TailHub& hub, WorkerPool& pool, query::Scope scope, query::LogQuery query) {
  const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  auto compile = [query] { return query::Matcher::compile(query, query::kTailRegexBytes); };
  Result<query::Matcher> matcher = co_await http::offload(pool, std::move(compile));
  if (!matcher) co_return http::error_response(matcher.error());
  auto stream = std::make_unique<TailStream>(hub, executor);
  if (auto opened = stream->open(scope, query, std::move(*matcher)); !opened) co_return http::error_response(opened.error());
  http::Response response;
  response.content_type = "text/event-stream";
  response.headers.emplace_back("Cache-Control", "no-store");
  response.stream = std::move(stream);
  response.endless = true;
  co_return response;
}

}  // namespace penstock::api
