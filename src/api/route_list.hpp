// GET /api/v1/routes: what this server answers, with the right that each route needs and where it names its deployments, so that documentation and tests of rights can be held against it.
#pragma once

#include "api/route.hpp"

namespace penstock::api {

// Adds the route; call it last, for the list is of what the table holds then (and of itself).
void add_route_list(RouteTable& table);

}  // namespace penstock::api
