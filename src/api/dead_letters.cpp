#include "api/dead_letters.hpp"

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/answers.hpp"
#include "api/audited.hpp"
#include "api/parameters.hpp"
#include "base/log.hpp"
#include "http/offload.hpp"
#include "journal/record_text.hpp"

namespace penstock::api {
namespace {

constexpr std::size_t kMaxIds = 1000;
constexpr std::size_t kMaxBody = 64u << 10;

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_string(out, text);
}

void append_letter(std::string& out, const sinks::OpenLetter& letter, bool with_record) {
  out += "{\"id\":\"" + to_string(letter.id) + '"';
  append_member(out, "reason", letter.reason);
  append_member(out, "detail", letter.detail);
  append_member(out, "kept_at", format_rfc3339(letter.kept_at));
  if (!letter.unreadable.empty()) append_member(out, "unreadable", letter.unreadable);
  BatchReader reader(letter.batch);
  RecordView record;
  const bool there = !letter.batch.empty() && reader.next(record);
  if (there) {
    const bool log = record.kind == RecordKind::log;
    append_member(out, "deployment", log ? record.log.deployment : record.point.deployment);
    append_member(out, "kind", log ? "log" : "metric");
  }
  if (with_record) {
    out += ",\"record\":";
    if (there) {
      journal::append_sendable(out, record);
    } else {
      out += "null";
    }
  }
  out += '}';
}

Error bad_id(std::string_view text) {
  return {ErrorCode::invalid_request, "\"" + std::string(text) + "\" is no id of a dead letter: take it from GET /api/v1/dead-letter.",
          "id"};
}

Result<std::vector<RecordId>> read_ids(const std::string& body) {
  const auto document = nlohmann::json::parse(body, nullptr, false);
  const auto found = document.is_object() ? document.find("ids") : document.end();
  if (!document.is_object() || found == document.end() || !found->is_array() || found->empty() || found->size() > kMaxIds) {
    return Error{ErrorCode::invalid_request, "The body must be {\"ids\": [...]} with 1 to " + std::to_string(kMaxIds) + " ids.",
                 "ids"};
  }
  std::vector<RecordId> ids;
  for (const auto& item : *found) {
    const auto id = item.is_string() ? parse_record_id(item.get_ref<const std::string&>()) : std::nullopt;
    if (!id) return bad_id(item.is_string() ? item.get_ref<const std::string&>() : item.dump());
    ids.push_back(*id);
  }
  return ids;
}

// What another letter would meet as well.
bool concerns_all(ErrorCode code) {
  switch (code) {
    case ErrorCode::unavailable:
    case ErrorCode::draining:
    case ErrorCode::overloaded:
    case ErrorCode::storage_full:
    case ErrorCode::storage_failed:
      return true;
    default:
      return false;
  }
}

Result<std::string> change_all(const std::vector<RecordId>& ids, const std::function<Result<void>(RecordId)>& change) {
  std::uint64_t done = 0;
  std::string failed;
  std::optional<Error> trouble;
  for (const RecordId id : ids) {
    Result<void> changed = trouble ? Result<void>(*trouble) : change(id);
    if (changed) {
      ++done;
      continue;
    }
    const Error& error = changed.error();
    if (concerns_all(error.code)) {
      if (done == 0 && failed.empty()) return error;
      trouble = error;
    }
    failed += failed.empty() ? "{\"id\":\"" : ",{\"id\":\"";
    failed += to_string(id) + '"';
    append_member(failed, "code", error_name(error.code));
    append_member(failed, "message", error.message);
    failed += '}';
  }
  return "{\"done\":" + std::to_string(done) + ",\"failed\":[" + failed + "]}";
}

}  // namespace

void DeadLetters::add_routes(RouteTable& table) {
  using Member = boost::asio::awaitable<http::Response> (DeadLetters::*)(RequestPtr, CallPtr);
  const auto add = [&](const char* method, const char* pattern, std::size_t max_body, Member member) {
    table.add({method, pattern, Access::admin(), max_body, [this, member](RequestPtr request, CallPtr call) {
                 return (this->*member)(std::move(request), std::move(call));
               }});
  };
  add("GET", "/api/v1/dead-letter", 0, &DeadLetters::list);
  add("POST", "/api/v1/dead-letter/replay", kMaxBody, &DeadLetters::change);
  add("POST", "/api/v1/dead-letter/discard", kMaxBody, &DeadLetters::change);
  add("GET", "/api/v1/dead-letter/{id}", 0, &DeadLetters::show);
}

boost::asio::awaitable<http::Response> DeadLetters::list(RequestPtr request, CallPtr) {
  Parameters parameters(request->head, clock_.now());
  const auto limit = static_cast<std::size_t>(parameters.number("limit", 100, 1, kMaxIds));
  RecordId after;
  if (const auto text = parameters.text("after")) {
    const auto id = parse_record_id(*text);
    if (!id) parameters.fail(ErrorCode::invalid_request, "after", bad_id(*text).message);
    after = id.value_or(RecordId{});
  }
  if (auto error = parameters.error()) co_return bad_request(std::move(*error));
  auto work = [this, after, limit]() -> Result<std::string> {
    const auto letters = desk_.list(after, limit);
    if (!letters) return letters.error();
    std::string out = "{\"letters\":[";
    for (std::size_t i = 0; i < letters->size(); ++i) {
      if (i > 0) out += ',';
      append_letter(out, (*letters)[i], false);
    }
    return out + "],\"after\":" + (letters->empty() ? "null}" : '"' + to_string(letters->back().id) + "\"}");
  };
  Result<std::string> json = co_await http::offload(pool_, std::move(work));
  if (!json) co_return http::error_response(json.error());
  co_return http::json_response(200, std::move(*json));
}

boost::asio::awaitable<http::Response> DeadLetters::show(RequestPtr, CallPtr call) {
  const auto id = parse_record_id(call->arguments.at(0));
  if (!id) co_return bad_request(bad_id(call->arguments.at(0)));
  auto work = [this, id = *id]() -> Result<std::string> {
    const auto letter = desk_.find(id);
    if (!letter) return letter.error();
    std::string out;
    append_letter(out, *letter, true);
    return out;
  };
  Result<std::string> json = co_await http::offload(pool_, std::move(work));
  if (!json) co_return http::error_response(json.error());
  co_return http::json_response(200, std::move(*json));
}

boost::asio::awaitable<http::Response> DeadLetters::change(RequestPtr request, CallPtr call) {
  auto ids = read_ids(request->body);
  if (!ids) co_return bad_request(ids.error());
  const bool replay = request->head.path.ends_with("/replay");
  log::info("api", replay ? "dead letters are replayed" : "dead letters are discarded",
            {{"by", call->principal->name}, {"letters", ids->size()}});
  AuditEntry by = by_caller(*call->principal, request->head);
  by.at = clock_.now();
  auto work = [this, replay, ids = std::move(*ids), by = std::move(by)]() -> Result<std::string> {
    return change_all(ids, [this, replay, &by](RecordId id) { return replay ? desk_.replay(id, by) : desk_.discard(id, by); });
  };
  Result<std::string> json = co_await http::offload(pool_, std::move(work));
  if (!json) co_return http::error_response(json.error());
  co_return http::json_response(200, std::move(*json));
}

}  // namespace penstock::api
