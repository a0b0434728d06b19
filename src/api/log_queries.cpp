#include "api/log_queries.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

#include "api/answers.hpp"
#include "api/audited.hpp"
#include "api/log_stream.hpp"
#include "api/log_tail.hpp"
#include "api/query_parameters.hpp"
#include "base/ansi.hpp"
#include "base/unicode.hpp"
#include "query/json.hpp"

namespace penstock::api {
namespace {

// As a time of a query: clamped to the first instant there is. What is deleted without a beginning is deleted from the beginning.
constexpr std::string_view kBeginning = "0001-01-01";

// The path's deployment only, from the beginning of time to what may be dated ahead.
query::LogQuery whole_deployment(const std::string& deployment, Timestamp now, std::int64_t ahead_ns) {
  query::LogQuery query;
  query.deployments = {deployment};
  query.from = kFirstTime;
  query.to = saturating_add(now, ahead_ns + 1);
  return query;
}

// The log query of a request, checked but for its q, which is read where it may cost (a worker thread); further parameters must have
// been read before.
Result<query::LogQuery> read_checked(Parameters& parameters, std::string_view from = "now-1h") {
  query::LogQuery query = read_log_query(parameters, from);
  if (auto error = parameters.error()) return std::move(*error);
  if (auto valid = query::validate(query); !valid) return valid.error();
  return query;
}

// What is understood elsewhere must not be passed over here: who gives it expects something of it.
void refuse_meaningless(Parameters& parameters, std::initializer_list<const char*> names, const char* message) {
  for (const char* name : names) {
    if (parameters.given(name)) parameters.fail(ErrorCode::invalid_request, name, message);
  }
}

// Clients of other log servers come through this door: what is no number of lines means the usual number there.
std::uint32_t lines_wanted(const std::optional<std::string>& text) {
  constexpr std::uint32_t kUsual = 100;
  std::uint32_t lines = 0;
  if (!text) return kUsual;
  const char* end = text->data() + text->size();
  const auto [stopped, problem] = std::from_chars(text->data(), end, lines);
  if (problem == std::errc::result_out_of_range && stopped == end) return query::kMaxLimit;
  if (problem != std::errc() || stopped != end || lines == 0) return kUsual;
  return std::min<std::uint32_t>(lines, query::kMaxLimit);
}

void append_text_line(std::string& all, const query::LogRow& row) {
  std::string out;
  append_rfc3339(out, row.timestamp);
  out += ' ';
  out += severity_name(row.severity);
  out += ' ';
  out += row.source;
  out += ": ";
  std::string shown;  // whoever prints this must not have the log's colours in the terminal
  append_without_ansi(shown, row.message);
  for (const char c : shown) out += c == '\n' || c == '\r' ? ' ' : c;
  for (const query::LogField& field : row.fields) {
    out += ' ';
    out += field.name;
    out += '=';
    append_json(out, field.value());
  }
  out += '\n';
  append_repaired_utf8(all, out);
}

boost::asio::awaitable<http::Response> plain_lines(query::Engine& engine, WorkerPool& pool, query::Scope scope,
                                                   query::LogQuery query, RequestPtr request) {
  auto work = [&engine, scope = std::move(scope), query = std::move(query),
               gone = request->gone]() -> Result<std::string> {
    auto page = engine.logs(scope, query, *gone);
    if (!page) return page.error();
    std::string lines;
    for (auto row = page->records.rbegin(); row != page->records.rend(); ++row) append_text_line(lines, *row);
    return lines;
  };
  Result<std::string> text = co_await http::offload(pool, std::move(work));
  if (!text) co_return http::error_response(text.error());
  const int status = text->empty() ? 204 : 200;
  co_return http::text_response(status, std::move(*text));
}

}  // namespace

void LogQueries::add_routes(RouteTable& table) {
  using Member = boost::asio::awaitable<http::Response> (LogQueries::*)(RequestPtr, CallPtr);
  const auto add = [&](const char* method, const char* pattern, const Access& access, Member member) {
    table.add({method, pattern, access, 0, [this, member](RequestPtr request, CallPtr call) {
                 return (this->*member)(std::move(request), std::move(call));
               }});
  };
  const Access read = Access::to(Right::logs_read, Place::query), remove_any = Access::to(Right::logs_delete, Place::query);
  add("GET", "/api/v1/logs", read, &LogQueries::logs);
  add("DELETE", "/api/v1/logs", remove_any, &LogQueries::remove);
  add("GET", "/api/v1/logs/histogram", read, &LogQueries::histogram);
  add("GET", "/api/v1/logs/facets", read, &LogQueries::facets);
  add("GET", "/api/v1/logs/fields", read, &LogQueries::fields);
  add("GET", "/api/v1/logs/context", read, &LogQueries::context);
  add("GET", "/api/v1/logs/tail", read, &LogQueries::tail);
  add("GET", "/logs/{deployment}", Access::to(Right::logs_read, Place::path), &LogQueries::plain);
  add("DELETE", "/logs/{deployment}", Access::to(Right::logs_delete, Place::path), &LogQueries::remove_deployment);
}

boost::asio::awaitable<http::Response> LogQueries::logs(RequestPtr request, CallPtr call) {
  Parameters parameters(request->head, clock_.now(), ahead_ns_);
  const AnswerFormat format = parameters.answer_format();
  const bool raw = parameters.flag("raw");
  if (raw && format != AnswerFormat::csv) parameters.fail(ErrorCode::invalid_request, "raw", "raw=1 is for format=csv: it leaves out the guard against formulas.");
  auto query = read_checked(parameters);
  if (!query) return ready(bad_request(query.error()));
  if (format != AnswerFormat::json) {
    const std::uint64_t most = request->head.query_value("limit") ? query->limit : 0;
    LogStream stream{engine_, downloads_, scope_of(*call), std::move(*query), format == AnswerFormat::csv, most,
                     raw ? query::CsvText::raw : query::CsvText::guarded, exports_, by_caller(*call->principal, request->head)};
    return stream_logs(std::move(stream), std::move(request));
  }
  return answer_query(pool_, std::move(request), std::move(call),
                      [this, query = std::move(*query)](const query::Scope& scope, const StopFlag& gone) {
                        return engine_.logs(scope, query, gone);
                      });
}

boost::asio::awaitable<http::Response> LogQueries::histogram(RequestPtr request, CallPtr call) {
  Parameters parameters(request->head, clock_.now(), ahead_ns_);
  const std::int64_t step = parameters.duration("step");
  ZoneName zone = parameters.zone("tz");
  auto query = read_checked(parameters);
  if (!query) return ready(bad_request(query.error()));
  return answer_query(pool_, std::move(request), std::move(call),
                      [this, query = std::move(*query), step, zone = std::move(zone)](const query::Scope& scope, const StopFlag& gone) {
                        return engine_.histogram(scope, query, step, gone, zone);
                      });
}

boost::asio::awaitable<http::Response> LogQueries::facets(RequestPtr request, CallPtr call) {
  Parameters parameters(request->head, clock_.now(), ahead_ns_);
  const std::string field = parameters.required_text("field");
  const auto limit = static_cast<std::uint32_t>(parameters.number("limit", 20, 1, 1000));
  auto query = read_checked(parameters);
  if (!query) return ready(bad_request(query.error()));
  return answer_query(pool_, std::move(request), std::move(call),
                      [this, query = std::move(*query), field, limit](const query::Scope& scope, const StopFlag& gone) {
                        return engine_.facets(scope, query, field, limit, gone);
                      });
}

boost::asio::awaitable<http::Response> LogQueries::fields(RequestPtr request, CallPtr call) {
  Parameters parameters(request->head, clock_.now(), ahead_ns_);
  auto query = read_checked(parameters);
  if (!query) return ready(bad_request(query.error()));
  return answer_query(pool_, std::move(request), std::move(call),
                      [this, query = std::move(*query)](const query::Scope& scope, const StopFlag& gone) {
                        return engine_.fields(scope, query, gone);
                      });
}

boost::asio::awaitable<http::Response> LogQueries::context(RequestPtr request, CallPtr call) {
  Parameters parameters(request->head, clock_.now(), ahead_ns_);
  query::ContextQuery query;
  const std::string id = parameters.required_text("id");
  query.before = static_cast<std::uint32_t>(parameters.number("before", query.before, 0, 1000));
  query.after = static_cast<std::uint32_t>(parameters.number("after", query.after, 0, 1000));
  query.deployments = parameters.all(kDeploymentParameter);
  query.same_source = !parameters.flag("all_sources");
  query.timeout_ns = parameters.duration("timeout");
  if (const auto parsed = parse_record_id(id)) {
    query.id = *parsed;
  } else {
    parameters.fail(ErrorCode::invalid_request, "id", "id must be the id of a record, as answers show it.");
  }
  if (auto error = parameters.error()) return ready(bad_request(std::move(*error)));
  return answer_query(pool_, std::move(request), std::move(call),
                      [this, query = std::move(query)](const query::Scope& scope, const StopFlag& gone) {
                        return engine_.context(scope, query, gone);
                      });
}

boost::asio::awaitable<http::Response> LogQueries::tail(RequestPtr request, CallPtr call) {
  Parameters parameters(request->head, clock_.now(), ahead_ns_);
  refuse_meaningless(parameters, {"from", "to", "limit", "order", "cursor"},
                     "A live tail shows what comes, so this has no meaning here: leave it out, or ask /api/v1/logs.");
  LogTail tail{tail_, engine_, pool_, downloads_, scope_of(*call), {}};
  if (const std::string_view id = request->head.header("Last-Event-ID"); !id.empty()) {
    tail.resume = parse_tail_position(id);
    if (!tail.resume) parameters.fail(ErrorCode::invalid_request, "Last-Event-ID", "Last-Event-ID must be the id of an event of this tail.");
  }
  auto query = read_checked(parameters);
  if (!query) return ready(bad_request(query.error()));
  tail.query = std::move(*query);
  return open_tail(std::move(tail), std::move(request));
}

boost::asio::awaitable<http::Response> LogQueries::remove_matching(RequestPtr request, CallPtr call,
                                                                   query::LogQuery query) {
  auto work = [this, query = std::move(query), scope = scope_of(*call), by = by_caller(*call->principal, request->head),
               gone = request->gone]() -> Result<std::string> {
    auto deleted = engine_.remove(scope, query, *gone, by);
    if (!deleted) return deleted.error();
    return query::to_json(*deleted);
  };
  Result<std::string> json = co_await http::offload(pool_, std::move(work));
  if (!json) co_return http::error_response(json.error());
  co_return http::json_response(200, std::move(*json));
}

boost::asio::awaitable<http::Response> LogQueries::remove(RequestPtr request, CallPtr call) {
  Parameters parameters(request->head, clock_.now(), ahead_ns_);
  refuse_meaningless(parameters, {"limit", "order", "cursor"},
                     "All that match are deleted, so this has no meaning here: leave it out, and narrow the filters.");
  auto query = read_checked(parameters, kBeginning);
  if (!query) return ready(bad_request(query.error()));
  return remove_matching(std::move(request), std::move(call), std::move(*query));
}

boost::asio::awaitable<http::Response> LogQueries::plain(RequestPtr request, CallPtr call) {
  Parameters parameters(request->head, clock_.now(), ahead_ns_);
  query::LogQuery query = whole_deployment(call->arguments.at(0), clock_.now(), ahead_ns_);
  query.limit = lines_wanted(parameters.text_or_empty("log_lines"));
  if (auto error = parameters.error()) return ready(bad_request(std::move(*error)));
  return plain_lines(engine_, pool_, scope_of(*call), std::move(query), std::move(request));
}

boost::asio::awaitable<http::Response> LogQueries::remove_deployment(RequestPtr request, CallPtr call) {
  Parameters parameters(request->head, clock_.now(), ahead_ns_);
  if (auto error = parameters.error()) return ready(bad_request(std::move(*error)));
  query::LogQuery query = whole_deployment(call->arguments.at(0), clock_.now(), ahead_ns_);
  return remove_matching(std::move(request), std::move(call), std::move(query));
}

}  // namespace penstock::api
