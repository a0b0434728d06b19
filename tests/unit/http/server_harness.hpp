// A server on a free port of the loopback with a handler that notes what it ran.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "http/byte_pipe.hpp"
#include "http/completion.hpp"
#include "http/server.hpp"
#include "metrics/registry.hpp"
#include "raw_client.hpp"
#include "support/patience.hpp"

namespace penstock::http::test {

using penstock::test::kPatience;

// Waits for a condition that another thread will bring about; false when patience ends.
template <class Condition>
bool eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

// Notices within milliseconds what time or a client has ended. A deadline is a test's own affair: those it does not set do not come.
inline Options quick() {
  Options options;
  for (auto* deadline : {&options.deadlines.handshake, &options.deadlines.header, &options.deadlines.idle, &options.deadlines.body_grace,
                         &options.deadlines.write_stall}) {
    *deadline = kPatience;
  }
  options.deadlines.sweep = std::chrono::milliseconds(5);
  options.deadlines.linger = std::chrono::milliseconds(200);
  return options;
}

// /echo gives the body back · /peer the client's address · /wait answers when the test says so, or when the request is gone · /stream and /tail give
// a pipe to the test · /big is 200 KB of JSON · /denied is refused before its body · /throws throws · anything else is
// 200 "ok".
class NotingHandler final : public Handler {
 public:
  Admission admit(const RequestHead& head) override {
    {
      const std::lock_guard lock(mutex_);
      admitted_.push_back(head.path);
    }
    Admission admission;
    if (head.path == "/denied") admission.refuse = error_response({ErrorCode::unauthorized, "Say who you are.", ""});
    if (head.path == "/throws_early") throw std::runtime_error("early");
    if (head.path != "/no_body") admission.max_body = 1 << 20;
    admission.body_optional = head.path == "/body_optional";
    admission.operations_critical = head.path == "/critical";
    return admission;
  }

  boost::asio::awaitable<Response> handle(std::shared_ptr<Request> request) override {
    note(request->head.path);
    const std::string& path = request->head.path;
    if (path == "/wait") return wait(request);
    if (path == "/stream" || path == "/tail") return stream(request);
    return simple(request);
  }

  bool ran(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    return std::find(ran_.begin(), ran_.end(), path) != ran_.end();
  }
  bool was_admitted(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    return std::find(admitted_.begin(), admitted_.end(), path) != admitted_.end();
  }
  std::size_t run_count() const {
    const std::lock_guard lock(mutex_);
    return ran_.size();
  }
  // Lets every /wait that runs answer.
  void release_all() { released_ = true; }
  std::atomic<int> gone_seen{0};
  std::shared_ptr<BytePipe> pipe() const {
    const std::lock_guard lock(mutex_);
    return pipe_;
  }

 private:
  void note(const std::string& path) {
    const std::lock_guard lock(mutex_);
    ran_.push_back(path);
  }

  static boost::asio::awaitable<Response> simple(std::shared_ptr<Request> request) {
    const std::string& path = request->head.path;
    if (path == "/throws") throw std::runtime_error("on purpose");
    Response response = text_response(200, "ok");
    if (path == "/peer") response = text_response(200, request->head.peer);
    if (path == "/client") response = text_response(200, request->head.client_certificate ? request->head.client_certificate->subject : "nobody");
    if (path == "/moved") {
      response.status = 302;
      response.headers.emplace_back("Location", "/ok");
    }
    if (path == "/echo") response = text_response(200, request->body);
    if (path == "/big") response = json_response(200, "\"" + std::string(200'000, 'a') + "\"");
    if (path == "/empty") response.status = 204;
    if (path == "/inject") response.headers.emplace_back("X-A", "1\r\nX-B: 2");
    co_return response;
  }

  boost::asio::awaitable<Response> wait(std::shared_ptr<Request> request) {
    boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
    Completion<bool> done(executor);
    std::thread waiter([this, done, gone = request->gone] {
      eventually([&] { return released_.load() || gone->load(); });
      if (gone->load()) ++gone_seen;
      done.fulfil(true);
    });
    co_await done.wait();
    waiter.join();
    co_return text_response(200, "waited");
  }

  boost::asio::awaitable<Response> stream(std::shared_ptr<Request> request) {
    boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
    Response response;
    response.content_type = "application/x-ndjson";
    response.endless = request->head.path == "/tail";
    const std::lock_guard lock(mutex_);
    pipe_ = BytePipe::create(executor, 64 * 1024);
    response.stream = pipe_->stream();
    co_return response;
  }

  mutable std::mutex mutex_;
  std::vector<std::string> ran_, admitted_;
  std::shared_ptr<BytePipe> pipe_;
  std::atomic<bool> released_{false};
};

// Short deadlines are the tests' own business: the default options apply.
struct Harness {
  explicit Harness(Options options = {}, std::size_t budget_limit = 16 << 20) : budget(budget_limit) {
    options.port = 0;
    if (options.threads == 0) options.threads = 2;
    server.emplace(options, handler, budget, metrics);
    const Result<void> started = server->start();
    if (!started) ADD_FAILURE() << started.error().message;
  }
  RawClient client() { return RawClient(server->port()); }
  double refused(std::string_view reason) {
    return metrics.value("penstock_http_refused_total", {{"reason", reason}}).value_or(0);
  }

  metrics::Registry metrics;
  ByteBudget budget;
  NotingHandler handler;
  std::optional<Server> server;
};

inline std::string get(std::string_view path, std::string_view fields = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(fields) + "\r\n";
}

inline std::string post_to(std::string_view path, std::string_view body, std::string_view fields = "") {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n" +
         std::string(fields) + "\r\n" + std::string(body);
}

}  // namespace penstock::http::test
