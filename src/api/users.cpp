#include "api/users.hpp"

#include "api/answers.hpp"

namespace penstock::api {
namespace {

Json user_json(const Identities& identities, const StoredUser& user) {
  Json roles = Json::array();
  for (const HeldRole& held : user.roles) roles.push_back({{"role", held.role}, {"deployment", held.deployment}});
  std::size_t sessions = 0;
  for (const StoredSession& session : identities.sessions) sessions += session.user == user.name ? 1 : 0;
  return {{"name", user.name},
          {"full_name", user.full_name},
          {"disabled", user.disabled},
          {"has_password", !user.password.empty()},
          {"issuer", user.issuer.empty() ? Json(nullptr) : Json(user.issuer)},
          {"subject", user.issuer.empty() ? Json(nullptr) : Json(user.subject)},
          {"created_at", time_json(user.created_at)},
          {"created_by", user.created_by},
          {"last_login", time_json(user.last_login)},
          {"sessions", sessions},
          {"roles", std::move(roles)},
          {"grants", grants_json(user.grants)}};
}

Result<Json> user_now(const IdentityDesk& desk, const std::string& name) {
  const auto seen = desk.service.look();
  if (!seen) return seen.error();
  const auto found = (*seen)->identities().users.find(name);
  if (found == (*seen)->identities().users.end()) return Error{ErrorCode::not_found, "There is no user \"" + name + "\".", ""};
  return user_json((*seen)->identities(), found->second);
}

struct UserRequest {
  auth::UserWish wish;
  std::string name, password;
};

UserRequest read_user(JsonBody& body, bool with_name) {
  UserRequest read;
  if (with_name) read.name = body.required_text("name");
  read.password = body.text("password").value_or("");
  read.wish.full_name = body.text("full_name");
  read.wish.disabled = body.flag("disabled");
  read.wish.roles = read_roles(body);
  read.wish.grants = read_grants(body, "grants");
  return read;
}

// Of a password that was given.
Result<void> hash_into(UserRequest& read) {
  if (read.password.empty()) return {};
  if (auto fits = auth::check_new_password(read.password, read.name); !fits) return fits;
  auto hash = auth::hash_password(read.password);
  if (!hash) return hash.error();
  read.wish.password_hash = std::move(*hash);
  return {};
}

}  // namespace

void Users::add_routes(RouteTable& table) {
  add_route(table, "GET", "/api/v1/users", Access::admin(), 0, this, &Users::list);
  add_route(table, "POST", "/api/v1/users", Access::admin(), kMaxIdentityBody, this, &Users::create);
  add_route(table, "GET", "/api/v1/users/{name}", Access::admin(), 0, this, &Users::show);
  add_route(table, "PATCH", "/api/v1/users/{name}", Access::admin(), kMaxIdentityBody, this, &Users::change);
  add_route(table, "DELETE", "/api/v1/users/{name}", Access::admin(), 0, this, &Users::remove);
}

boost::asio::awaitable<http::Response> Users::list(RequestPtr, CallPtr) {
  return answer_from(desk_.pool, 200, [desk = desk_]() -> Result<Json> {
    const auto seen = desk.service.look();
    if (!seen) return seen.error();
    Json users = Json::array();
    for (const auto& [name, user] : (*seen)->identities().users) users.push_back(user_json((*seen)->identities(), user));
    return Json{{"users", std::move(users)}};
  });
}

boost::asio::awaitable<http::Response> Users::show(RequestPtr, CallPtr call) {
  const auto name = auth::user_name(call->arguments.at(0));
  if (!name) return ready(http::error_response(404, Error{ErrorCode::not_found, "There is no such user.", ""}));
  return answer_from(desk_.pool, 200, [desk = desk_, name = *name] { return user_now(desk, name); });
}

boost::asio::awaitable<http::Response> Users::create(RequestPtr request, CallPtr call) {
  JsonBody body(request->body);
  UserRequest read = read_user(body, true);
  if (!body.error()) {
    if (auto name = auth::user_name(read.name)) read.name = *name;
    else body.fail(name.error());
  }
  if (auto error = body.error()) return ready(bad_request(std::move(*error)));
  auto work = [desk = desk_, read = std::move(read), caller = caller_of(*call->principal, request->head)]() mutable -> Result<Json> {
    if (auto hashed = hash_into(read); !hashed) return hashed.error();
    auto done = desk.service.change(caller, [&read](const auth::PlanScene& scene) { return auth::plan_new_user(scene, read.name, read.wish); });
    if (!done) return done.error();
    return user_now(desk, read.name);
  };
  return answer_from(desk_.passwords, 201, std::move(work));
}

boost::asio::awaitable<http::Response> Users::change(RequestPtr request, CallPtr call) {
  JsonBody body(request->body);
  UserRequest read = read_user(body, false);
  if (auto error = body.error()) return ready(bad_request(std::move(*error)));
  const auto name = auth::user_name(call->arguments.at(0));
  if (!name) return ready(http::error_response(404, Error{ErrorCode::not_found, "There is no such user.", ""}));
  read.name = *name;
  WorkerPool& pool = read.password.empty() ? desk_.pool : desk_.passwords;
  auto work = [desk = desk_, read = std::move(read), caller = caller_of(*call->principal, request->head)]() mutable -> Result<Json> {
    if (auto hashed = hash_into(read); !hashed) return hashed.error();
    auto done = desk.service.change(caller, [&read](const auth::PlanScene& scene) { return auth::plan_user_change(scene, read.name, read.wish); });
    if (!done) return done.error();
    return user_now(desk, read.name);
  };
  return answer_from(pool, 200, std::move(work));
}

boost::asio::awaitable<http::Response> Users::remove(RequestPtr request, CallPtr call) {
  const auto name = auth::user_name(call->arguments.at(0));
  if (!name) return ready(http::error_response(404, Error{ErrorCode::not_found, "There is no such user.", ""}));
  return answer_from(desk_.pool, 204, [desk = desk_, name = *name, caller = caller_of(*call->principal, request->head)]() -> Result<void> {
    return desk.service.change(caller, [&name](const auth::PlanScene& scene) { return auth::plan_user_removal(scene, name); });
  });
}

}  // namespace penstock::api
