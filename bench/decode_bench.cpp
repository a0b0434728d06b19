// Native JSON: a log of about 220 bytes with 4 fields, many a body, against nlohmann_json and simdjson's DOM doing the same work.
#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>
#include <simdjson.h>

#include <cstdlib>
#include <new>
#include <string>

#include "counted.hpp"
#include "decode/json_decoder.hpp"

namespace {

std::size_t allocations = 0;

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* bytes = std::malloc(size)) return bytes;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* bytes) noexcept { std::free(bytes); }
[[gnu::noinline]] void operator delete(void* bytes, std::size_t) noexcept { std::free(bytes); }

namespace {

using namespace penstock;

constexpr int kRecords = 1000;

std::string log_text(int i) {
  return R"({"timestamp":"2026-11-20T13:33:00.123456789Z","deployment":"shop","source":"checkout-1","severity":"WARN",)"
         R"("message":"card declined for a customer","fields":{"order":)" + std::to_string(100000 + i) +
         R"(,"gift":true,"amount":12.5,"note":"asked for a call"}})";
}

std::string point_text(int i) {
  return R"({"timestamp":1795181580,"deployment":"shop","source":"pi-3","labels":{"room":"attic"},"metrics":{"cpu.usage":12.5,"ram.used":)" +
         std::to_string(412311552 + i) + R"(,"gpu.usage":0,"storage.used":9.1e9,"net.in":8812,"net.out":991}})";
}

template <class Text>
std::string body_of(Text text, bool array) {
  std::string body = array ? "[" : "";
  for (int i = 0; i < kRecords; ++i) {
    if (i > 0) body += array ? ',' : '\n';
    body += text(i);
  }
  if (array) body += ']';
  return body;
}

class CountingReceiver : public RecordReceiver {
 public:
  void log(std::size_t, const DecodedLog& log) override {
    bytes += log.message.size() + log.fields.size();
    ++records;
  }
  void point(std::size_t, const DecodedPoint& point) override {
    bytes += point.samples.size();
    ++records;
  }
  void reject(std::size_t, Error) override { std::abort(); }
  std::size_t bytes = 0, records = 0;
};

void decode(benchmark::State& state, const char* name, const std::string& body, RecordKind kind, int records_a_body) {
  const decode::JsonDecoder decoder;
  DecodeOptions options;
  options.kind = kind;
  CountingReceiver receiver;
  static_cast<void>(decoder.decode(body, options, receiver));
  const std::size_t before = allocations;
  for (auto _ : state) {
    const bench::Counted counted(name);
    if (!decoder.decode(body, options, receiver)) std::abort();
    benchmark::DoNotOptimize(receiver.bytes);
  }
  state.counters["allocations/record"] =
      static_cast<double>(allocations - before) / static_cast<double>(state.iterations() * records_a_body);
  state.SetItemsProcessed(state.iterations() * records_a_body);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

void log_lines(benchmark::State& state) { decode(state, "decode/log_lines", body_of(log_text, false), RecordKind::log, kRecords); }
void log_array(benchmark::State& state) { decode(state, "decode/log_array", body_of(log_text, true), RecordKind::log, kRecords); }
void log_single(benchmark::State& state) { decode(state, "decode/log_single", log_text(1), RecordKind::log, 1); }
void point_lines(benchmark::State& state) { decode(state, "decode/point_lines", body_of(point_text, false), RecordKind::metric, kRecords); }
void point_array(benchmark::State& state) { decode(state, "decode/point_array", body_of(point_text, true), RecordKind::metric, kRecords); }

// The same record taken apart with the same results, by the other parsers.
template <class Log>
void consume(std::size_t& bytes, const Log& log) {
  bytes += log;
}

void nlohmann_lines(benchmark::State& state) {
  const std::string body = body_of(log_text, false);
  std::size_t bytes = 0;
  for (auto _ : state) {
    std::size_t at = 0;
    while (at < body.size()) {
      const std::size_t end = std::min(body.find('\n', at), body.size());
      const nlohmann::json record = nlohmann::json::parse(body.begin() + static_cast<std::ptrdiff_t>(at), body.begin() + static_cast<std::ptrdiff_t>(end));
      for (const auto& [key, value] : record.items()) {
        if (key == "timestamp") consume(bytes, static_cast<std::size_t>(parse_timestamp(value.get_ref<const std::string&>())->ns));
        if (key == "severity") consume(bytes, static_cast<std::size_t>(*parse_severity(value.get_ref<const std::string&>())));
        if (key == "fields") consume(bytes, value.size());
      }
      at = end + 1;
    }
  }
  benchmark::DoNotOptimize(bytes);
  state.SetItemsProcessed(state.iterations() * kRecords);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

void simdjson_dom_lines(benchmark::State& state) {
  const std::string text = body_of(log_text, false);
  const simdjson::padded_string body(text);
  simdjson::dom::parser parser;
  std::size_t bytes = 0;
  for (auto _ : state) {
    simdjson::dom::document_stream stream;
    if (parser.parse_many(body, 64 << 10).get(stream)) std::abort();
    for (auto record : stream) {
      for (const auto& [key, value] : record.get_object()) {
        if (key == "timestamp") consume(bytes, static_cast<std::size_t>(parse_timestamp(value.get_string().value_unsafe())->ns));
        if (key == "severity") consume(bytes, static_cast<std::size_t>(*parse_severity(value.get_string().value_unsafe())));
        if (key == "fields") {
          for (const auto& [name, field] : value.get_object()) consume(bytes, name.size() + static_cast<std::size_t>(field.type()));
        }
      }
    }
  }
  benchmark::DoNotOptimize(bytes);
  state.SetItemsProcessed(state.iterations() * kRecords);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

// Its on-demand front end, over the same lines.
void simdjson_ondemand_lines(benchmark::State& state) {
  const std::string text = body_of(log_text, false);
  const simdjson::padded_string body(text);
  simdjson::ondemand::parser parser;
  std::size_t bytes = 0;
  for (auto _ : state) {
    simdjson::ondemand::document_stream stream;
    if (parser.iterate_many(body, 64 << 10).get(stream)) std::abort();
    for (auto record : stream) {
      for (auto member : record.get_object()) {
        const std::string_view key = member.unescaped_key().value_unsafe();
        simdjson::ondemand::value value = member.value().value_unsafe();
        if (key == "fields") {
          for (auto field : value.get_object()) {
            consume(bytes, field.unescaped_key().value_unsafe().size());
            auto inner = field.value().value_unsafe();
            const simdjson::ondemand::json_type type = inner.type().value_unsafe();
            if (type == simdjson::ondemand::json_type::string) consume(bytes, inner.get_string().value_unsafe().size());
            if (type == simdjson::ondemand::json_type::number) consume(bytes, inner.get_number().error() == 0 ? std::size_t{1} : std::size_t{0});
            if (type == simdjson::ondemand::json_type::boolean) consume(bytes, inner.get_bool().value_unsafe() ? std::size_t{1} : std::size_t{0});
          }
          continue;
        }
        const std::string_view content = value.get_string().value_unsafe();
        if (key == "timestamp") consume(bytes, static_cast<std::size_t>(parse_timestamp(content)->ns));
        if (key == "severity") consume(bytes, static_cast<std::size_t>(*parse_severity(content)));
        consume(bytes, content.size());
      }
    }
  }
  benchmark::DoNotOptimize(bytes);
  state.SetItemsProcessed(state.iterations() * kRecords);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}

BENCHMARK(log_lines);
BENCHMARK(log_array);
BENCHMARK(log_single);
BENCHMARK(point_lines);
BENCHMARK(point_array);
BENCHMARK(simdjson_ondemand_lines);
BENCHMARK(simdjson_dom_lines);
BENCHMARK(nlohmann_lines);

}  // namespace
