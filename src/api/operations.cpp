#include "api/operations.hpp"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "api/answers.hpp"
#include "http/offload.hpp"

namespace penstock::api {

using Json = nlohmann::json;

std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

std::string_view version() { return PENSTOCK_VERSION; }

Operations::Operations(StatusSources sources, metrics::Registry& registry, const ByteBudget& budget, WorkerPool& pool,
                       const Clock& clock)
    : sources_(std::move(sources)),
      registry_(registry),
      budget_(budget),
      pool_(pool),
      started_(clock.steady_now()),
      clock_(clock) {
  registry_.gauge_callback("penstock_resident_memory_bytes", "Physical memory of this process.", {},
                           [] { return static_cast<double>(resident_bytes()); });
  show_budget("penstock_in_flight", "Request bodies and their batches that are not answered yet", [this]() -> const ByteBudget& { return budget_; });
  show_budget("penstock_http_connection_memory", "Connections themselves, unfinished heads and large reads", sources_.connection_memory);
  show_budget("penstock_http_answer_memory", "Answers that their clients have not taken yet", sources_.answer_memory);
}

void Operations::show_budget(const std::string& name, const std::string& what, std::function<const ByteBudget&()> budget) {
  registry_.gauge_callback(name + "_bytes", what + ".", {}, [budget] { return static_cast<double>(budget().used()); });
  registry_.gauge_callback(name + "_limit_bytes", "The byte budget of: " + what + ".", {},
                           [budget] { return static_cast<double>(budget().limit()); });
}

void Operations::add_routes(RouteTable& table) {
  const auto add = [&](const char* pattern, const Access& access, auto answer) {
    table.add({"GET", pattern, access, 0, [answer](RequestPtr, CallPtr call) { return ready(answer(*call)); }, true});
  };
  add("/health", Access::open(), [this](const Call&) { return health(); });
  add("/healthz", Access::open(), [this](const Call&) { return health(); });  // as other log servers have it
  add("/ready", Access::open(), [this](const Call& call) { return ready_state(call.principal->grants.may_somewhere(Right::admin)); });
  add("/metrics", Access::admin(), [this](const Call&) { return exposition(); });
  add("/api/v1/version", Access::known(), [](const Call&) {
    return http::json_response(200, Json{{"name", "penstock"}, {"version", version()}}.dump());
  });
  table.add({"GET", "/api/v1/stats", Access::admin(), 0,
             [this](RequestPtr request, CallPtr call) { return stats(std::move(request), std::move(call)); }, true});
}

std::string Operations::first_problem() const {
  for (const ReadyCheck& check : sources_.checks) {
    if (!check.required) continue;
    if (std::string problem = check.problem(); !problem.empty()) return problem;
  }
  return {};
}

http::Response Operations::health() const { return http::json_response(200, R"({"status":"ok"})"); }

// All but administrators learn which part is not well, and no more: why it is not may name hosts, users and files.
http::Response Operations::ready_state(bool detailed) const {
  bool all_well = true;
  Json checks = Json::object();
  for (const ReadyCheck& check : sources_.checks) {
    const std::string problem = check.problem();
    checks[check.name] = {{"ok", problem.empty()}, {"required", check.required}};
    if (detailed && !problem.empty()) checks[check.name]["message"] = problem;
    all_well = all_well && (problem.empty() || !check.required);
  }
  http::Response response =
      http::json_response(all_well ? 200 : 503, Json{{"ready", all_well}, {"checks", checks}}.dump());
  if (!all_well) response.headers.emplace_back("Retry-After", "1");
  return response;
}

http::Response Operations::exposition() const {
  http::Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = registry_.exposition();
  return response;
}

boost::asio::awaitable<http::Response> Operations::stats(RequestPtr, CallPtr) {
  auto work = [this] { return stats_json(); };
  Result<std::string> text = co_await http::offload(pool_, std::move(work));
  if (!text) co_return http::error_response(text.error());
  co_return http::json_response(200, std::move(*text));
}

std::string Operations::stats_json() const {
  const auto journal = sources_.journal();
  const auto store = sources_.store();
  const auto deletions = sources_.deletions();
  Json sinks = Json::array();
  for (const auto& sink : sources_.sinks()) {
    sinks.push_back({{"name", sink.name},
                     {"state", sink.phase},
                     {"delivered", sink.delivered},
                     {"lag_records", sink.lag_records},
                     {"lag_s", sink.lag_seconds},
                     {"errors_total", sink.errors},
                     {"last_error", sink.last_error}});
  }
  const auto uptime = std::chrono::duration<double>(clock_.steady_now() - started_);
  const Json document = {
      {"version", version()},
      {"uptime_s", uptime.count()},
      {"memory", {{"rss_bytes", resident_bytes()}, {"query_bytes", sources_.query_memory()}}},
      {"ingest",
       {{"records_total", sources_.accepted()},
        {"rejected_total", sources_.rejected()},
        {"in_flight_bytes", budget_.used()},
        {"in_flight_limit", budget_.limit()}}},
      {"journal",
       {{"segments", journal.segments},
        {"bytes", journal.bytes},
        {"disk_budget", journal.disk_budget},
        {"free_bytes", journal.free_bytes},
        {"durable_end", journal.durable_end},
        {"oldest", journal.oldest},
        {"queue_bytes", journal.queue_bytes},
        {"window_bytes", journal.window_bytes},
        {"commits_total", journal.commits_total},
        {"records_total", journal.records_total},
        {"torn_bytes", journal.torn_bytes},
        {"lost_records", journal.lost_records},
        {"fsync_p99_ms", journal.fsync_p99_ms},
        {"writable", journal.writable}}},
      {"sinks", sinks},
      {"store",
       {{"available", store.available}, {"chunks", store.chunks}, {"bytes", store.bytes}, {"series", store.series}}},
      {"deletions",
       {{"open", deletions.open}, {"held", deletions.held}, {"unreadable", deletions.unreadable}, {"problem", deletions.problem}}},
      {"http", {{"connections", sources_.connections()}, {"requests_total", sources_.requests()}}},
  };
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace penstock::api
