#include "api/deployment_settings.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "api/answers.hpp"
#include "api/parameters.hpp"
#include "api/retention_view.hpp"
#include "penstock/core/names.hpp"

namespace penstock::api {
namespace {

// Who writes 1m for a month would lose nearly everything: less than an hour is for the configuration.
constexpr std::int64_t kShortestKept = kHour, kLongestKept = 36'500 * kDay;

// What the path says.
struct RetentionPlace {
  std::string deployment;
  RecordKind kind = RecordKind::log;
};

Result<RetentionPlace> place_of(const Call& call) {
  RetentionPlace place{call.arguments.at(0), RecordKind::log};
  if (place.deployment != "*" && !is_deployment_name(place.deployment)) {
    return Error{ErrorCode::invalid_request, "Name a deployment, or * for all that have no rule of their own. " + std::string(kDeploymentNameRule), "deployment"};
  }
  const std::string& kind = call.arguments.at(1);
  if (kind == "metrics") place.kind = RecordKind::metric;
  else if (kind != "logs") return Error{ErrorCode::invalid_request, "The kind is logs or metrics.", "kind"};
  return place;
}

// "30d", "12h"; "forever" and 0 are without end. A number alone would be seconds to some and days to others.
std::int64_t read_keep(JsonBody& body) {
  const Json* const given = body.member("keep");
  const std::string text = given != nullptr && given->is_string() ? given->get<std::string>() : given != nullptr && given->is_number_integer() && given->get<std::int64_t>() == 0 ? "0" : "";
  if (text == "forever" || text == "0") return 0;
  const bool bare = text.find_first_not_of("0123456789.") == std::string::npos;
  const auto duration = parse_duration(text);
  if (bare || !duration || *duration < kShortestKept || *duration > kLongestKept) {
    body.fail("keep", "Say how long, an hour or more, with a unit: \"30d\", \"12h\", \"2w\"; or \"forever\".");
    return 0;
  }
  return *duration;
}

std::uint64_t read_keep_bytes(JsonBody& body) {
  const Json* const given = body.member("keep_bytes");
  if (given == nullptr) return 0;
  if (!given->is_number_integer() || (given->is_number_integer() && !given->is_number_unsigned() && given->get<std::int64_t>() < 0) ||
      given->get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    body.fail("keep_bytes", "This is a whole number of bytes; 0 is no limit.");
    return 0;
  }
  return given->get<std::uint64_t>();
}

Json report_json(const RetentionReport& report) { return {{"records", report.records}, {"bytes", report.bytes}, {"chunks", report.chunks}}; }

}  // namespace

// A rule, or none in its place.
struct DeploymentSettings::Wish {
  RetentionPlace place;
  std::optional<StoredRetention> rule;
  bool dry_run = false;
  auth::Caller caller;
};

void DeploymentSettings::add_routes(RouteTable& table) {
  add_route(table, "GET", "/api/v1/retention", Access::admin(), 0, this, &DeploymentSettings::list);
  add_route(table, "GET", "/api/v1/retention/{deployment}/{kind}", Access::admin(), 0, this, &DeploymentSettings::show);
  add_route(table, "PUT", "/api/v1/retention/{deployment}/{kind}", Access::admin(), kMaxIdentityBody, this, &DeploymentSettings::put);
  add_route(table, "DELETE", "/api/v1/retention/{deployment}/{kind}", Access::admin(), 0, this, &DeploymentSettings::reset);
  add_route(table, "PATCH", "/api/v1/deployments/{deployment}", Access::admin(), kMaxIdentityBody, this, &DeploymentSettings::change_deployment);
}

boost::asio::awaitable<http::Response> DeploymentSettings::list(RequestPtr, CallPtr) {
  return answer_from(pool_, 200, [this]() -> Result<Json> {
    const auto seen = desk_.service.look();
    if (!seen) return seen.error();
    Json rules = RetentionView((*seen)->identities().retention, sources_.configured).listed();
    const auto& stored = (*seen)->identities().retention;
    for (std::size_t i = 0; i < stored.size(); ++i) {
      rules[i]["changed_at"] = time_json(stored[i].changed_at);
      rules[i]["changed_by"] = stored[i].changed_by;
    }
    return Json{{"rules", std::move(rules)}};
  });
}

boost::asio::awaitable<http::Response> DeploymentSettings::show(RequestPtr, CallPtr call) {
  const auto place = place_of(*call);
  if (!place) return ready(bad_request(place.error()));
  return answer_from(pool_, 200, [this, place = *place]() -> Result<Json> {
    const auto seen = desk_.service.look();
    if (!seen) return seen.error();
    Json shown = RetentionView((*seen)->identities().retention, sources_.configured).in_force(place.deployment, place.kind);
    shown["deployment"] = place.deployment;
    shown["kind"] = kind_name(place.kind);
    return shown;
  });
}

// What goes by the one rules and would have stayed by the others.
Result<RetentionReport> DeploymentSettings::more_than_now(const std::vector<RetentionRule>& now, const std::vector<RetentionRule>& then) const {
  const auto before = sources_.expiring(now);
  if (!before) return before.error();
  auto after = sources_.expiring(then);
  if (!after) return after.error();
  after->records -= std::min(after->records, before->records);
  after->bytes -= std::min(after->bytes, before->bytes);
  after->chunks -= std::min(after->chunks, before->chunks);
  return after;
}

Result<Json> DeploymentSettings::carry_out(const Wish& wish) const {
  const auto seen = desk_.service.look();
  if (!seen) return seen.error();
  // As it would be.
  std::vector<StoredRetention> after = (*seen)->identities().retention;
  std::erase_if(after, [&](const StoredRetention& one) { return one.deployment == wish.place.deployment && one.kind == wish.place.kind; });
  if (wish.rule) after.push_back(*wish.rule);
  const RetentionView then(after, sources_.configured);
  const auto loss = more_than_now(RetentionView((*seen)->identities().retention, sources_.configured).rules(), then.rules());
  if (!loss && wish.dry_run) return loss.error();
  if (!wish.dry_run) {
    auto done = desk_.service.change(wish.caller, [&](const auth::PlanScene& scene) {
      return wish.rule ? auth::plan_retention(scene, *wish.rule) : auth::plan_retention_removal(scene, wish.place.deployment, wish.place.kind);
    });
    if (!done) return done.error();
    sources_.changed();
  }
  Json answer = then.in_force(wish.place.deployment, wish.place.kind);
  answer["deployment"] = wish.place.deployment;
  answer["kind"] = kind_name(wish.place.kind);
  answer[wish.dry_run ? "would_delete" : "deletes"] = loss ? report_json(*loss) : Json(nullptr);
  return answer;
}

boost::asio::awaitable<http::Response> DeploymentSettings::put(RequestPtr request, CallPtr call) {
  const auto place = place_of(*call);
  if (!place) return ready(bad_request(place.error()));
  Parameters parameters(request->head, desk_.clock.now());
  Wish wish{*place, std::nullopt, parameters.flag("dry_run"), caller_of(*call->principal, request->head)};
  if (auto error = parameters.error()) return ready(bad_request(std::move(*error)));
  JsonBody body(request->body);
  StoredRetention rule{.deployment = place->deployment, .kind = place->kind};
  rule.max_age_ns = read_keep(body);
  rule.max_bytes = read_keep_bytes(body);
  if (auto error = body.error()) return ready(bad_request(std::move(*error)));
  wish.rule = std::move(rule);
  return answer_from(pool_, 200, [this, wish = std::move(wish)] { return carry_out(wish); });
}

boost::asio::awaitable<http::Response> DeploymentSettings::reset(RequestPtr request, CallPtr call) {
  const auto place = place_of(*call);
  if (!place) return ready(bad_request(place.error()));
  Parameters parameters(request->head, desk_.clock.now());
  Wish wish{*place, std::nullopt, parameters.flag("dry_run"), caller_of(*call->principal, request->head)};
  if (auto error = parameters.error()) return ready(bad_request(std::move(*error)));
  return answer_from(pool_, 200, [this, wish = std::move(wish)] { return carry_out(wish); });
}

boost::asio::awaitable<http::Response> DeploymentSettings::change_deployment(RequestPtr request, CallPtr call) {
  JsonBody body(request->body);
  const std::string said = body.text("undeclared_metrics").value_or("");
  if (!body.given("undeclared_metrics")) body.fail("undeclared_metrics", "Say what becomes of metrics that are not declared: \"taken\", \"refused\", or null for what * says.");
  Undeclared metrics = Undeclared::unsaid;
  if (said == "taken") metrics = Undeclared::taken;
  else if (said == "refused") metrics = Undeclared::refused;
  else if (body.member("undeclared_metrics") != nullptr) body.fail("undeclared_metrics", "This is \"taken\", \"refused\", or null for what the deployment * says.");
  if (auto error = body.error()) return ready(bad_request(std::move(*error)));
  auto work = [this, deployment = call->arguments.at(0), metrics, caller = caller_of(*call->principal, request->head)]() -> Result<Json> {
    auto done = desk_.service.change(caller, [&](const auth::PlanScene& scene) { return auth::plan_undeclared(scene, deployment, metrics); });
    if (!done) return done.error();
    const auto seen = desk_.service.look();
    if (!seen) return seen.error();
    const bool refused = (*seen)->declared() && (*seen)->declared()->refuses_undeclared(deployment);
    return Json{{"name", deployment}, {"undeclared_metrics", refused ? "refused" : "taken"}, {"undeclared_metrics_set", metrics != Undeclared::unsaid}};
  };
  return answer_from(pool_, 200, std::move(work));
}

}  // namespace penstock::api
