// What one request costs at the edge, and a whole exchange over the loopback.
#include <benchmark/benchmark.h>

#include <string>

#include "counted.hpp"
#include "http/client.hpp"
#include "http/compress.hpp"
#include "http/decompress.hpp"
#include "http/head_guard.hpp"
#include "http/request_parser.hpp"
#include "http/response_head.hpp"
#include "http/server.hpp"
#include "metrics/registry.hpp"

namespace penstock::http {
namespace {

constexpr std::string_view kHead =
    "POST /api/v1/logs?deployment=shop HTTP/1.1\r\nHost: penstock.example:8080\r\nUser-Agent: Fluent-Bit\r\n"
    "Authorization: Bearer pst_0123456789abcdef0123456789abcdef0123456789abcdef\r\nContent-Type: application/json\r\n"
    "Content-Encoding: gzip\r\nContent-Length: 12345\r\nAccept: */*\r\n\r\n";

void guard(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(check_head(kHead, 64));
}
BENCHMARK(guard);

void guard_and_parse(benchmark::State& state) {
  for (auto _ : state) {
    const bench::Counted counted("http/guard_and_parse");
    benchmark::DoNotOptimize(check_head(kHead, 64));
    RequestHead head;
    RequestParser parser(head);
    benchmark::DoNotOptimize(parser.parse_head(kHead));
    head.set_target(std::string(head.target));
  }
}
BENCHMARK(guard_and_parse);

void response_head(benchmark::State& state) {
  const Response response = json_response(200, "{}");
  ResponseFrame frame;
  frame.content_length = 2;
  frame.date = "Fri, 20 Nov 2026 13:33:00 GMT";
  std::string out;
  for (auto _ : state) {
    out.clear();
    append_response_head(out, response, frame);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(response_head);

struct Dropped final : UnpackedSink {
  Result<void> take(std::string_view piece) override {
    benchmark::DoNotOptimize(piece.data());
    return {};
  }
};

void unpack_gzip(benchmark::State& state) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += R"({"message":"request )" + std::to_string(i * 7919) +
      R"( done","severity":"INFO"})";
  const std::string packed = gzip(text, 6);
  for (auto _ : state) {
    Decompressor decompressor(ContentCoding::gzip, {});
    Dropped sink;
    benchmark::DoNotOptimize(decompressor.feed(packed, sink));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(unpack_gzip);

class OkHandler final : public Handler {
 public:
  Admission admit(const RequestHead&) override { return {}; }
  boost::asio::awaitable<Response> handle(std::shared_ptr<Request>) override { co_return text_response(200, "ok"); }
};

// One client, one request at a time: latency, not throughput.
void loopback_get(benchmark::State& state) {
  metrics::Registry registry;
  ByteBudget budget(16 << 20);
  OkHandler handler;
  Options options;
  options.port = 0;
  options.threads = 1;
  Server server(options, handler, budget, registry);
  if (!server.start()) {
    state.SkipWithError("cannot listen");
    return;
  }
  Client client;
  const std::string url = "http://127.0.0.1:" + std::to_string(server.port()) + "/ok";
  for (auto _ : state) benchmark::DoNotOptimize(client.request("GET", url, {}, "", std::chrono::seconds(10)));
}
BENCHMARK(loopback_get);

}  // namespace
}  // namespace penstock::http
