#include "api/deletions.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "api/answers.hpp"
#include "api/parameters.hpp"

namespace penstock::api {
namespace {

nlohmann::json time_json(const std::optional<Timestamp>& time) { return time ? nlohmann::json(format_rfc3339(*time)) : nlohmann::json(); }

// A journal's number has 64 bits, more than JavaScript reads as a number.
std::string journal_name(JournalId journal) { return std::to_string(journal.value); }

nlohmann::json receipt_json(const DeletionReceipt& receipt) {
  nlohmann::json journals = nlohmann::json::array(), backups = nlohmann::json::array();
  for (const auto& in : receipt.journals) journals.push_back({{"journal", journal_name(in.journal)}, {"left_at", time_json(in.left_at)}});
  for (const auto& in : receipt.backups) {
    backups.push_back({{"made_at", format_rfc3339(in.made_at)}, {"place", in.place}, {"journal", journal_name(in.journal)}});
  }
  const auto bound = [&receipt](Timestamp time) { return receipt.whole ? nlohmann::json() : nlohmann::json(format_rfc3339(time)); };
  return {{"id", receipt.deletion.id},
          {"deployment", receipt.deletion.deployment},
          {"whole", receipt.whole},
          {"keys_destroyed", receipt.keys},
          {"from", bound(receipt.deletion.from)},
          {"to", bound(receipt.deletion.to)},
          {"asked_at", format_rfc3339(receipt.deletion.created_at)},
          {"deleted", receipt.deletion.records},
          {"left_tables_at", time_json(receipt.left_store_at)},
          {"journals", std::move(journals)},
          {"gone", receipt.gone()},
          {"backups", std::move(backups)}};
}

std::string text_of(const nlohmann::json& json) { return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }

// Each shows the receipts that the caller may see.
constexpr Access kAccess = Access::to(Right::logs_delete, Place::none);

// Who may delete some sources only is not told how many records there were of others.
bool may_see(const Principal& principal, const DeletionReceipt& receipt) {
  return principal.grants.reach(Right::logs_delete).in(receipt.deletion.deployment).is_all();
}

Error not_there() {
  return {ErrorCode::not_found, "There is no deletion of this id: it was never made, or was carried out more than 30 days ago.", "id"};
}

}  // namespace

void Deletions::add_routes(RouteTable& table) {
  table.add({"GET", "/api/v1/deletions", kAccess, 0, [this](RequestPtr request, CallPtr call) { return list(std::move(request), std::move(call)); }});
  table.add({"GET", "/api/v1/deletions/{id}", kAccess, 0, [this](RequestPtr request, CallPtr call) { return show(std::move(request), std::move(call)); }});
}

boost::asio::awaitable<http::Response> Deletions::list(RequestPtr request, CallPtr call) {
  Parameters parameters(request->head, {}, 0);
  const auto limit = static_cast<std::size_t>(parameters.number("limit", 100, 1, 1000));
  if (auto error = parameters.error()) co_return bad_request(std::move(*error));
  auto work = [this, limit, principal = call->principal]() -> Result<std::string> {
    auto all = receipts_.receipts(limit);
    if (!all) return all.error();
    nlohmann::json shown = nlohmann::json::array();
    for (const DeletionReceipt& receipt : *all) {
      if (may_see(*principal, receipt)) shown.push_back(receipt_json(receipt));
    }
    return text_of({{"deletions", std::move(shown)}});
  };
  Result<std::string> json = co_await http::offload(pool_, std::move(work));
  if (!json) co_return http::error_response(json.error());
  co_return http::json_response(200, std::move(*json));
}

boost::asio::awaitable<http::Response> Deletions::show(RequestPtr request, CallPtr call) {
  Parameters parameters(request->head, {}, 0);
  if (auto error = parameters.error()) co_return bad_request(std::move(*error));
  const std::string& text = call->arguments.at(0);
  std::int64_t id = 0;
  const auto [after, failure] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (failure != std::errc() || after != text.data() + text.size()) co_return http::error_response(not_there());
  auto work = [this, id, principal = call->principal]() -> Result<std::string> {
    auto receipt = receipts_.receipt(id);
    if (!receipt) return receipt.error();
    if (!*receipt || !may_see(*principal, **receipt)) return not_there();
    return text_of(receipt_json(**receipt));
  };
  Result<std::string> json = co_await http::offload(pool_, std::move(work));
  if (!json) co_return http::error_response(json.error());
  co_return http::json_response(200, std::move(*json));
}

}  // namespace penstock::api
