#include "api/identity_cli.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <memory>
#include <nlohmann/json.hpp>

#include "api/identity_json.hpp"
#include "http/client.hpp"
#include "http/target.hpp"

namespace penstock::api {
namespace {

constexpr std::chrono::seconds kPatience{60};

Result<std::string> body_or_error(int status, std::string body) {
  if (status >= 200 && status < 300) return body;
  const Json document = Json::parse(body, nullptr, false);
  const auto error = document.is_object() ? document.value("error", Json::object()) : Json::object();
  std::string said = error.is_object() ? error.value("message", std::string()) : std::string();
  if (said.empty()) said = "The server answered " + std::to_string(status) + '.';
  const std::string field = error.is_object() ? error.value("field", std::string()) : std::string();
  return Error{status == 404 ? ErrorCode::not_found : ErrorCode::invalid_request, field.empty() ? said : field + ": " + said, field};
}

// Columns as wide as their widest cell.
void print_table(std::ostream& out, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += row[i] + std::string(i + 1 < row.size() ? widths[i] - row[i].size() + 2 : 0, ' ');
    out << line << '\n';
  }
}

std::string text_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string("-");
}

std::string grants_in(const Json& object) {
  std::string all;
  for (const Json& grant : object.value("grants", Json::array())) {
    std::string rights;
    for (const Json& right : grant.value("rights", Json::array())) rights += (rights.empty() ? "" : ",") + right.get<std::string>();
    all += (all.empty() ? "" : " ") + text_in(grant, "deployment") + '=' + rights;
  }
  return all.empty() ? "-" : all;
}

}  // namespace

ApiCall call_server(std::string url, std::string token) {
  while (url.ends_with('/')) url.pop_back();
  auto client = std::make_shared<http::Client>();
  return [client, url = std::move(url), token = std::move(token)](std::string_view method, const std::string& path, const std::string& body) -> Result<std::string> {
    http::ClientHeaders headers = {{"Authorization", "Bearer " + token}};
    if (!body.empty()) headers.emplace_back("Content-Type", "application/json");
    auto answer = client->request(method, url + path, headers, body, kPatience);
    if (!answer) return std::move(answer).error();
    return body_or_error(answer->status, std::move(answer->body));
  };
}

ApiCall call_here(const RouteTable& table, std::string name) {
  return [&table, name = std::move(name)](std::string_view method, const std::string& path, const std::string& body) -> Result<std::string> {
    auto request = std::make_shared<http::Request>();
    request->head.method = method;
    request->head.set_target(path);
    request->body = body;
    auto match = table.find(request->head.method, request->head.path);
    if (match.route == nullptr) return Error{ErrorCode::not_found, "There is nothing at " + path + '.', ""};
    auto call = std::make_shared<Call>();
    call->principal = std::make_shared<const Principal>(Principal{.kind = PrincipalKind::bootstrap, .name = name, .grants = Grants::everything()});
    call->arguments = std::move(match.arguments);
    boost::asio::io_context context;
    http::Response response;
    std::exception_ptr thrown;
    boost::asio::co_spawn(context, match.route->endpoint(request, std::move(call)), [&](std::exception_ptr problem, http::Response answer) {
      thrown = problem;
      response = std::move(answer);
    });
    context.run();
    if (thrown) std::rethrow_exception(thrown);
    return body_or_error(response.status, std::move(response.body));
  };
}

Result<void> IdentityCli::create_token(const NewToken& wish, std::ostream& out) {
  Json body = {{"name", wish.name}, {"deployment", wish.deployment}, {"rights", wish.rights}};
  if (!wish.sources.empty()) body["sources"] = wish.sources;
  if (!wish.custom_metrics.empty()) body["custom_metrics"] = wish.custom_metrics;
  if (!wish.owner.empty()) body["owner"] = wish.owner;
  if (!wish.default_deployment.empty()) body["default_deployment"] = wish.default_deployment;
  if (!wish.ttl.empty()) body["ttl"] = wish.ttl;
  if (!wish.certificate.empty()) body["certificate"] = wish.certificate;
  const auto answer = call_("POST", "/api/v1/tokens", dumped(body));
  if (!answer) return answer.error();
  out << Json::parse(*answer).value(wish.certificate.empty() ? "token" : "id", std::string()) << '\n' << std::flush;
  return {};
}

Result<void> IdentityCli::list_tokens(std::ostream& out) {
  const auto answer = call_("GET", "/api/v1/tokens", "");
  if (!answer) return answer.error();
  std::vector<std::vector<std::string>> rows = {{"ID", "KIND", "STATE", "NAME", "OWNER", "EXPIRES", "LAST USED", "GRANTS"}};
  for (const Json& token : Json::parse(*answer).value("tokens", Json::array())) {
    const bool certificate = text_in(token, "certificate") != "-";
    rows.push_back({text_in(token, "id"), certificate ? "certificate" : "token", text_in(token, "state"), text_in(token, "name"), text_in(token, "owner"), text_in(token, "expires_at"),
                    text_in(token, "last_used"), grants_in(token)});
  }
  print_table(out, rows);
  return {};
}

Result<void> IdentityCli::revoke_token(const std::string& id) {
  const auto answer = call_("DELETE", "/api/v1/tokens/" + http::percent_encode(id), "");
  return answer ? Result<void>() : Result<void>(answer.error());
}

Result<void> IdentityCli::add_user(const NewUser& wish) {
  Json roles = Json::array();
  for (const std::string& role : wish.roles) {
    const std::size_t colon = role.find(':');
    if (colon == std::string::npos) roles.push_back(role);
    else roles.push_back({{"role", role.substr(0, colon)}, {"deployment", role.substr(colon + 1)}});
  }
  Json body = {{"name", wish.name}, {"roles", std::move(roles)}};
  if (!wish.full_name.empty()) body["full_name"] = wish.full_name;
  if (!wish.password.empty()) body["password"] = wish.password;
  const auto answer = call_("POST", "/api/v1/users", dumped(body));
  return answer ? Result<void>() : Result<void>(answer.error());
}

Result<void> IdentityCli::list_users(std::ostream& out) {
  const auto answer = call_("GET", "/api/v1/users", "");
  if (!answer) return answer.error();
  std::vector<std::vector<std::string>> rows = {{"NAME", "STATE", "FULL NAME", "LAST LOG-IN", "ROLES", "GRANTS"}};
  for (const Json& user : Json::parse(*answer).value("users", Json::array())) {
    std::string roles;
    for (const Json& held : user.value("roles", Json::array())) {
      const std::string deployment = text_in(held, "deployment");
      roles += (roles.empty() ? "" : ",") + text_in(held, "role") + (deployment == "*" ? "" : ':' + deployment);
    }
    rows.push_back({text_in(user, "name"), user.value("disabled", false) ? "disabled" : "enabled", text_in(user, "full_name"), text_in(user, "last_login"),
                    roles.empty() ? "-" : roles, grants_in(user)});
  }
  print_table(out, rows);
  return {};
}

Result<void> IdentityCli::set_password(const std::string& name, const std::string& password) {
  const auto answer = call_("PATCH", "/api/v1/users/" + http::percent_encode(name), dumped(Json{{"password", password}}));
  return answer ? Result<void>() : Result<void>(answer.error());
}

Result<void> IdentityCli::disable_user(const std::string& name, bool disabled) {
  const auto answer = call_("PATCH", "/api/v1/users/" + http::percent_encode(name), dumped(Json{{"disabled", disabled}}));
  return answer ? Result<void>() : Result<void>(answer.error());
}

Result<void> IdentityCli::remove_user(const std::string& name) {
  const auto answer = call_("DELETE", "/api/v1/users/" + http::percent_encode(name), "");
  return answer ? Result<void>() : Result<void>(answer.error());
}

Result<void> IdentityCli::declare_metric(const NewMetric& wish) {
  Json body = {{"name", wish.name}, {"deployment", wish.deployment}, {"unit", wish.unit}, {"description", wish.description}};
  if (wish.least) body["min"] = *wish.least;
  if (wish.most) body["max"] = *wish.most;
  const auto there = call_("GET", "/api/v1/custom-metrics?deployment=" + http::percent_encode(wish.deployment), "");
  if (!there) return there.error();
  for (const Json& one : Json::parse(*there).value("metrics", Json::array())) {
    if (text_in(one, "name") != wish.name) continue;
    const auto changed = call_("PUT", "/api/v1/custom-metrics/" + std::to_string(one.value("id", std::int64_t{0})), dumped(body));
    return changed ? Result<void>() : Result<void>(changed.error());
  }
  const auto made = call_("POST", "/api/v1/custom-metrics", dumped(body));
  return made ? Result<void>() : Result<void>(made.error());
}

Result<void> IdentityCli::list_metrics(std::ostream& out) {
  const auto answer = call_("GET", "/api/v1/custom-metrics", "");
  if (!answer) return answer.error();
  const auto bound = [](const Json& metric, const char* name) {
    const auto found = metric.find(name);
    return found != metric.end() && found->is_number() ? found->dump() : std::string("-");
  };
  const auto text = [](const Json& metric, const char* name) {
    std::string shown = text_in(metric, name);
    return shown.empty() ? std::string("-") : shown;
  };
  std::vector<std::vector<std::string>> rows = {{"ID", "DEPLOYMENT", "NAME", "UNIT", "MIN", "MAX", "DESCRIPTION"}};
  for (const Json& metric : Json::parse(*answer).value("metrics", Json::array())) {
    rows.push_back({std::to_string(metric.value("id", std::int64_t{0})), text_in(metric, "deployment"), text_in(metric, "name"), text(metric, "unit"),
                    bound(metric, "min"), bound(metric, "max"), text(metric, "description")});
  }
  print_table(out, rows);
  return {};
}

Result<void> IdentityCli::remove_metric(const std::string& id) {
  const auto answer = call_("DELETE", "/api/v1/custom-metrics/" + http::percent_encode(id), "");
  return answer ? Result<void>() : Result<void>(answer.error());
}

Result<bool> IdentityCli::verify_audit(std::ostream& out) {
  const auto answer = call_("GET", "/api/v1/audit/verify", "");
  if (!answer) return answer.error();
  const Json verdict = Json::parse(*answer);
  const bool intact = verdict.value("intact", false);
  if (!intact) out << text_in(verdict, "problem") << '\n';
  out << (intact ? "The audit log is intact: " : "It is sound up to there: ") << verdict.value("rows", std::int64_t{0}) << " rows, the last with the hash "
      << text_in(verdict, "head") << '\n';
  return intact;
}

}  // namespace penstock::api
