#include "api/keys.hpp"

#include <array>

#include "api/answers.hpp"
#include "api/audited.hpp"
#include "api/identity_json.hpp"
#include "api/parameters.hpp"

namespace penstock::api {
namespace {

Json store_json(const std::optional<DataKeyCounts>& counts) {
  if (!counts) return nullptr;
  return {{"outer_key", counts->outer},         {"keys", counts->keys},
          {"replaced_keys", counts->retired},   {"sealed_chunks", counts->sealed_chunks},
          {"plain_chunks", counts->plain_chunks}, {"chunks_to_reseal", counts->retired_chunks},
          {"chunks_without_key", counts->orphans}};
}

Json check_json(const KeyCheck& check) {
  constexpr std::array kStates = {"never", "running", "passed", "failed"};
  return {{"state", kStates[static_cast<std::size_t>(check.state)]}, {"begun_at", time_json(check.begun)}, {"ended_at", time_json(check.ended)},
          {"good_keys", check.good}, {"bad_keys", check.bad}, {"chunks_without_key", check.orphans}, {"journal_damage", check.damage}, {"problem", check.problem}};
}

Json status_json(const KeyStatus& status, const KeyCheck& check) {
  Json roots = Json::array();
  for (const auto& root : status.roots) roots.push_back({{"id", root.id}, {"under", root.under}, {"made_at", time_json(root.made_at)}});
  return {{"cipher", status.cipher.empty() ? Json("none") : Json(status.cipher)}, {"sealed", status.sealed}, {"outer_keys", status.outer}, {"from", status.outer_from},
          {"replaceable", status.outer_in_file}, {"rotation_unfinished", status.outer.size() > 1}, {"roots", std::move(roots)}, {"store", store_json(status.store)},
          {"check", check_json(check)}};
}

}  // namespace

void Keys::add_routes(RouteTable& table) {
  add_route(table, "GET", "/api/v1/keys", Access::admin(), 0, this, &Keys::show);
  add_route(table, "POST", "/api/v1/keys/rotate", Access::admin(), kMaxIdentityBody, this, &Keys::rotate);
  add_route(table, "POST", "/api/v1/keys/verify", Access::admin(), kMaxIdentityBody, this, &Keys::verify);
}

boost::asio::awaitable<http::Response> Keys::show(RequestPtr request, CallPtr) {
  Parameters parameters(request->head, {}, 0);
  if (auto error = parameters.error()) return ready(bad_request(std::move(*error)));
  return answer_from(pool_, 200, [this]() -> Result<Json> {
    const auto status = keeper_.status();
    if (!status) return status.error();
    return status_json(*status, keeper_.last_check());
  });
}

// The entry is written before the act: it is not in one transaction with it, and must not stay untold. What became of it stands in a second one.
boost::asio::awaitable<http::Response> Keys::rotate(RequestPtr request, CallPtr call) {
  JsonBody body(request->body);
  const bool data_keys = body.flag("data_keys").value_or(false);
  if (auto error = body.error()) return ready(bad_request(std::move(*error)));
  AuditEntry entry = by_caller(*call->principal, request->head);
  entry.at = clock_.now();
  entry.action = "key.rotate";
  entry.object = "keys";
  return answer_from(pool_, 200, [this, data_keys, entry = std::move(entry)]() -> Result<Json> {
    AuditEntry asked = entry;
    asked.outcome = "asked";
    asked.detail = dumped(Json{{"data_keys", data_keys}});
    if (auto told = audit_.append({asked}); !told) return told.error();
    const auto done = keeper_.rotate(data_keys);
    if (!done) return done.error();
    const Json answer = {{"from", done->from}, {"to", done->to}, {"roots", done->roots}, {"data_keys", done->data_keys}, {"replaced", done->replaced},
                         {"resumed", done->resumed}, {"old_key_to_remove", done->old_key_to_remove}};
    AuditEntry told = entry;
    told.detail = dumped(answer);
    (void)audit_.append({told});
    return answer;
  });
}

boost::asio::awaitable<http::Response> Keys::verify(RequestPtr request, CallPtr call) {
  JsonBody body(request->body.empty() ? std::string("{}") : request->body);
  if (auto error = body.error()) return ready(bad_request(std::move(*error)));
  AuditEntry entry = by_caller(*call->principal, request->head);
  entry.at = clock_.now();
  entry.action = "key.verify";
  entry.object = "keys";
  entry.outcome = "asked";
  return answer_from(pool_, 202, [this, entry = std::move(entry)]() -> Result<Json> {
    if (auto told = audit_.append({entry}); !told) return told.error();
    if (!keeper_.check()) return Error{ErrorCode::conflict, "The keys are being tried already: GET /api/v1/keys tells how it ends.", ""};
    return check_json(keeper_.last_check());
  });
}

}  // namespace penstock::api
