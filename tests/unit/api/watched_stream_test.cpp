#include "api/watched_stream.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "api/answers.hpp"

namespace penstock::api {
namespace {

// A stream that gives nothing, as a live tail that nothing comes to, until it is canceled.
class Quiet final : public http::BodyStream {
 public:
  explicit Quiet(boost::asio::any_io_executor executor) : timer_(std::move(executor), std::chrono::steady_clock::time_point::max()) {}
  boost::asio::awaitable<std::optional<std::string>> next() override {
    boost::system::error_code problem;
    co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, problem));
    co_return std::nullopt;
  }
  void cancel() override { timer_.cancel(); }

 private:
  boost::asio::steady_timer timer_;
};

class Revoking final : public Authenticator {
 public:
  std::optional<Identity> authenticate(const Credentials&) override { return stranger(); }
  void look_up(const Credentials&, std::function<void(Identity)> done) override { done(stranger()); }
  bool still_valid(const Principal&) override { return ++asked < 2; }
  int asked = 0;
};

boost::asio::awaitable<http::Response> quiet(RequestPtr, CallPtr) {
  const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  http::Response response;
  response.stream = std::make_unique<Quiet>(executor);
  co_return response;
}

boost::asio::awaitable<void> take(const Endpoint* endpoint, CallPtr call, bool* cut) {
  http::Response response = co_await watched(endpoint, std::make_shared<http::Request>(), call);
  try {
    const std::optional<std::string> piece = co_await response.stream->next();
    EXPECT_FALSE(piece);
  } catch (const std::exception&) {
    *cut = true;
  }
}

TEST(WatchedStream, IsCutWithinTwoAsksOfARevocationThoughNothingFlows) {
  boost::asio::io_context io;
  Revoking authenticator;
  auto call = std::make_shared<Call>();
  call->authenticator = &authenticator;
  const Endpoint endpoint = quiet;
  bool cut = false;
  const auto begun = std::chrono::steady_clock::now();
  boost::asio::co_spawn(io, take(&endpoint, call, &cut), [](std::exception_ptr) {});
  io.run();
  EXPECT_TRUE(cut);
  EXPECT_EQ(authenticator.asked, 2);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
}

TEST(WatchedStream, AnAnswerWithoutAStreamAsksNobody) {
  boost::asio::io_context io;
  Revoking authenticator;
  auto call = std::make_shared<Call>();
  call->authenticator = &authenticator;
  const Endpoint endpoint = [](RequestPtr, CallPtr) { return ready(http::text_response(200, "here")); };
  boost::asio::co_spawn(io, watched(&endpoint, std::make_shared<http::Request>(), call), [](std::exception_ptr, http::Response response) { EXPECT_EQ(response.body, "here"); });
  io.run();
  EXPECT_EQ(authenticator.asked, 0);
}

}  // namespace
}  // namespace penstock::api
