#include "api/audit_view.hpp"

#include "api/answers.hpp"
#include "api/parameters.hpp"
#include "auth/audit_verify.hpp"
#include "base/hex.hpp"

namespace penstock::api {
namespace {

Json entry_json(const AuditRow& row) {
  Json detail = Json::parse(row.entry.detail, nullptr, false);
  return {{"id", row.id},           {"at", time_json(row.entry.at)},     {"actor", row.entry.actor},     {"action", row.entry.action},
          {"object", row.entry.object}, {"outcome", row.entry.outcome}, {"address", row.entry.address}, {"detail", detail.is_object() ? detail : Json::object()},
          {"hash", to_hex(row.hash)}};
}

}  // namespace

void AuditView::add_routes(RouteTable& table) {
  const Access readers = Access::to(Right::audit_read, Place::instance);
  add_route(table, "GET", "/api/v1/audit", readers, 0, this, &AuditView::list);
  add_route(table, "GET", "/api/v1/audit/verify", readers, 0, this, &AuditView::verify);
}

boost::asio::awaitable<http::Response> AuditView::list(RequestPtr request, CallPtr) {
  Parameters parameters(request->head, desk_.clock.now());
  AuditQuery query;
  if (parameters.given("from")) query.from = parameters.time("from", "now");
  if (parameters.given("to")) query.to = parameters.time("to", "now");
  query.actor = parameters.text("actor").value_or("");
  query.action = parameters.text("action").value_or("");
  query.object = parameters.text("object").value_or("");
  query.outcome = parameters.text("outcome").value_or("");
  query.limit = static_cast<std::size_t>(parameters.number("limit", 100, 1, 1000));
  query.before = static_cast<std::int64_t>(parameters.number("before", 0, 0, std::uint64_t{1} << 62));
  if (auto error = parameters.error()) return ready(bad_request(std::move(*error)));
  return answer_from(desk_.pool, 200, [desk = desk_, query]() -> Result<Json> {
    const auto rows = desk.store.audit(query);
    if (!rows) return rows.error();
    Json entries = Json::array();
    for (const AuditRow& row : *rows) entries.push_back(entry_json(row));
    const bool more = rows->size() == query.limit && rows->back().id > 1;
    return Json{{"entries", std::move(entries)}, {"before", more ? Json(rows->back().id) : Json(nullptr)}};
  });
}

boost::asio::awaitable<http::Response> AuditView::verify(RequestPtr, CallPtr) {
  return answer_from(desk_.pool, 200, [desk = desk_]() -> Result<Json> {
    const auto verdict = auth::verify_audit(desk.store);
    if (!verdict) return verdict.error();
    return Json{{"intact", !verdict->problem.has_value()}, {"rows", verdict->head.id}, {"head", to_hex(verdict->head.hash)},
                {"problem", verdict->problem ? Json(verdict->problem->message) : Json(nullptr)}};
  });
}

}  // namespace penstock::api
