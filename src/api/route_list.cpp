#include "api/route_list.hpp"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "api/answers.hpp"

namespace penstock::api {
namespace {

constexpr const char* kPattern = "/api/v1/routes";

}  // namespace

void add_route_list(RouteTable& table) {
  nlohmann::json list = nlohmann::json::array();
  const auto note = [&list](const std::string& method, const std::string& pattern, const Access& access) {
    list.push_back({{"method", method}, {"path", pattern}, {"right", access.text()}, {"deployment", place_name(access.place())}});
  };
  for (const Route& route : table.routes()) note(route.method, route.pattern, route.access);
  note("GET", kPattern, Access::known());
  const auto text = std::make_shared<const std::string>(nlohmann::json{{"routes", std::move(list)}}.dump());
  table.add({"GET", kPattern, Access::known(), 0, [text](RequestPtr, CallPtr) { return ready(http::json_response(200, *text)); }});
}

}  // namespace penstock::api
