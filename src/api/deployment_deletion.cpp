#include "api/deployment_deletion.hpp"

#include "api/answers.hpp"
#include "api/audited.hpp"
#include "api/identity_json.hpp"
#include "api/parameters.hpp"
#include "base/log.hpp"
#include "penstock/core/names.hpp"

namespace penstock::api {

void DeploymentDeletion::add_routes(RouteTable& table) {
  add_route(table, "DELETE", "/api/v1/deployments/{name}", Access::admin(), 0, this, &DeploymentDeletion::remove);
}

boost::asio::awaitable<http::Response> DeploymentDeletion::remove(RequestPtr request, CallPtr call) {
  Parameters parameters(request->head, {}, 0);
  if (auto error = parameters.error()) return ready(bad_request(std::move(*error)));
  const std::string& name = call->arguments.at(0);
  if (!is_deployment_name(name)) return ready(bad_request({ErrorCode::invalid_name, "No deployment can be named \"" + name + "\".", "name"}));
  AuditEntry entry = by_caller(*call->principal, request->head);
  entry.at = clock_.now();
  entry.action = "deployment.delete";
  entry.object = "deployment:" + name;
  return answer_from(pool_, 202, [this, name, entry = std::move(entry)]() -> Result<Json> {
    const auto id = ask_(name, entry);
    if (!id) return id.error();
    log::info("api", "a deployment is deleted for good", {{"deployment", name}, {"by", entry.actor}, {"receipt", *id}});
    return Json{{"id", *id}, {"deployment", name}, {"receipt", "/api/v1/deletions/" + std::to_string(*id)}};
  });
}

}  // namespace penstock::api
