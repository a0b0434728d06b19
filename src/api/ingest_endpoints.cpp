#include "api/ingest_endpoints.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "api/answers.hpp"
#include "api/parameters.hpp"
#include "decode/registry.hpp"

namespace penstock::api {
namespace {

constexpr std::size_t kMessageBody = 1 << 20;

// What a native request says beside its body; views into it are given to the decoder.
struct NativeParameters {
  std::string time_field, message_field, severity_field, source_field;
  bool debug = false, strict = false;
  Acknowledge acknowledge = Acknowledge::durable;
};

Result<std::shared_ptr<NativeParameters>> read_native(const http::RequestHead& head, Timestamp now) {
  Parameters parameters(head, now);
  auto read = std::make_shared<NativeParameters>();
  read->time_field = parameters.text("time_field", "");
  read->message_field = parameters.text("message_field", "");
  read->severity_field = parameters.text("severity_field", "");
  read->source_field = parameters.text("source_field", "");
  read->debug = parameters.flag("debug");
  read->strict = parameters.flag("strict");
  const std::string acknowledge = parameters.text("ack", "durable");
  if (acknowledge == "queued") {
    read->acknowledge = Acknowledge::queued;
  } else if (acknowledge != "durable") {
    parameters.fail(ErrorCode::invalid_request, "ack", "ack must be durable (the default) or queued.");
  }
  if (auto error = parameters.error()) return std::move(*error);
  return read;
}

boost::asio::awaitable<http::Response> answer_native(IngestService& service, IngestRequest wish) {
  const IngestOutcome outcome = co_await service.take(std::move(wish));
  co_return native_answer(outcome);
}

boost::asio::awaitable<http::Response> answer_message(IngestService& service, IngestRequest wish) {
  const IngestOutcome outcome = co_await service.take(std::move(wish));
  if (outcome.refused && !outcome.report.errors.empty())
    co_return http::error_response(422, outcome.report.errors.front().error);
  if (outcome.refused) co_return http::error_response(*outcome.refused);
  std::string body = R"({"status":"stored")";
  if (outcome.report.rejected > 0 || !outcome.report.warnings.empty()) {
    body += ',';
    ingest::append_json_members(body, outcome.report);
  }
  body += '}';
  co_return http::json_response(200, std::move(body));
}

}  // namespace

std::optional<Error> check_json_media_type(const http::RequestHead& head) {
  static constexpr std::array<std::string_view, 10> kTaken = {"json",  // without x- and vnd.
                                                              "ndjson",
                                                              "jsonl",
                                                              "jsonlines",
                                                              "json-lines",
                                                              "json-seq",
                                                              "json-stream",
                                                              "www-form-urlencoded",  // what curl -d says
                                                              "octet-stream",
                                                              "plain"};
  std::string_view type = head.header("Content-Type");
  type = type.substr(0, type.find_first_of(";,"));
  while (type.ends_with(' ')) type.remove_suffix(1);
  while (type.starts_with(' ')) type.remove_prefix(1);
  // The form of the body is told by the body; its type only keeps out what surely is none.
  if (type.empty() || type == "*/*" || type == "*") return std::nullopt;
  std::string_view name = type.substr(std::min(type.find('/') + 1, type.size()));  // npos + 1 is 0
  for (const std::string_view prefix : {"x-", "vnd."}) {
    if (http::equals_ignoring_case(name.substr(0, prefix.size()), prefix)) name.remove_prefix(prefix.size());
  }
  const std::size_t plus = name.rfind('+');
  const std::string_view suffix = plus == std::string_view::npos ? std::string_view() : name.substr(plus + 1);
  const auto taken = [&](std::string_view one) { return http::equals_ignoring_case(one, name) || http::equals_ignoring_case(one, suffix); };
  if (std::any_of(kTaken.begin(), kTaken.end(), taken)) return std::nullopt;
  return Error{ErrorCode::unsupported_media_type,
               "Send JSON: Content-Type application/json, or application/x-ndjson for one object a line.", ""};
}

DecodeOptions decode_options(const IngestService& service, RecordKind kind) {
  const ingest::Options& options = service.options();
  DecodeOptions decode;
  decode.kind = kind;
  decode.now = service.clock().now();
  decode.max_name_bytes = options.max_name_bytes;
  decode.max_record_bytes = options.max_record_bytes;
  decode.max_fields = options.max_fields;
  decode.max_depth = options.max_depth;
  return decode;
}

void IngestEndpoints::add_routes(RouteTable& table) {
  const auto add = [&](const char* pattern, Right right, std::size_t max_body, Endpoint endpoint) {
    Route route{"POST", pattern, Access::to(right, Place::records), max_body, std::move(endpoint)};
    route.admission = [this] { return service_.may_begin(); };
    table.add(std::move(route));
  };
  add("/api/v1/logs", Right::ingest_logs, max_body_, [this](RequestPtr request, CallPtr call) {
    return native(std::move(request), std::move(call), RecordKind::log);
  });
  add("/api/v1/metrics", Right::ingest_metrics, max_body_, [this](RequestPtr request, CallPtr call) {
    return native(std::move(request), std::move(call), RecordKind::metric);
  });
  add("/message/send", Right::ingest_logs, kMessageBody,
      [this](RequestPtr request, CallPtr call) { return message(std::move(request), std::move(call)); });
}

boost::asio::awaitable<http::Response> IngestEndpoints::native(RequestPtr request, CallPtr call, RecordKind kind) {
  auto parameters = read_native(request->head, service_.clock().now());
  if (!parameters) return ready(bad_request(parameters.error()));
  if (auto error = check_json_media_type(request->head)) return ready(http::error_response(*error));
  IngestRequest wish;
  wish.route = kind == RecordKind::log ? "logs" : "metrics";
  wish.acknowledge = (*parameters)->acknowledge;
  wish.debug = (*parameters)->debug;
  wish.strict = (*parameters)->strict;
  wish.decode = [options = decode_options(service_, kind), named = std::move(*parameters),
                 body = &request->body](RecordReceiver& receiver) mutable {
    options.time_field = named->time_field;
    options.message_field = named->message_field;
    options.severity_field = named->severity_field;
    options.source_field = named->source_field;
    options.strict = named->strict;
    return decode::find("json")->decode(*body, options, receiver);
  };
  wish.request = std::move(request);
  wish.call = std::move(call);
  return answer_native(service_, std::move(wish));
}

boost::asio::awaitable<http::Response> IngestEndpoints::message(RequestPtr request, CallPtr call) {
  if (auto error = Parameters(request->head, service_.clock().now()).error()) return ready(bad_request(std::move(*error)));
  if (auto error = check_json_media_type(request->head)) return ready(http::error_response(*error));
  IngestRequest wish;
  wish.route = "message";
  wish.decode = [options = decode_options(service_, RecordKind::log), body = &request->body](
                    RecordReceiver& receiver) { return decode::find("json")->decode(*body, options, receiver); };
  wish.request = std::move(request);
  wish.call = std::move(call);
  return answer_message(service_, std::move(wish));
}

}  // namespace penstock::api
