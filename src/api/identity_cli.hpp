// What `penstock user`, `penstock token`, `penstock metric` and `penstock audit` ask of a server, and how they show its answers.
#pragma once

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "api/route.hpp"
#include "penstock/core/result.hpp"

namespace penstock::api {

// A request to the API and the body of its answer; an answer that is no success is an error with what it says.
using ApiCall = std::function<Result<std::string>(std::string_view method, const std::string& path, const std::string& body)>;

// Over HTTP.
ApiCall call_server(std::string url, std::string token);
// The endpoints themselves, without a server, as somebody who may do everything. The table outlives the function.
ApiCall call_here(const RouteTable& table, std::string name);

struct NewToken {
  std::string name, owner, deployment = "*", default_deployment, ttl;
  std::string certificate;  // fingerprint of a TLS client's, in place of a token; empty: a token
  std::vector<std::string> rights, sources, custom_metrics;
};

struct NewUser {
  std::string name, full_name, password;
  std::vector<std::string> roles;  // "viewer" or "viewer:shop"
};

struct NewMetric {
  std::string name, deployment = "*", unit, description;
  std::optional<double> least, most;
};

// Each writes what it has to tell to `out`.
class IdentityCli {
 public:
  explicit IdentityCli(ApiCall call) : call_(std::move(call)) {}

  Result<void> create_token(const NewToken& wish, std::ostream& out);  // the token alone, or a certificate's id, on a line of its own
  Result<void> list_tokens(std::ostream& out);
  Result<void> revoke_token(const std::string& id);
  Result<void> add_user(const NewUser& wish);
  Result<void> list_users(std::ostream& out);
  Result<void> set_password(const std::string& name, const std::string& password);
  Result<void> disable_user(const std::string& name, bool disabled);
  Result<void> remove_user(const std::string& name);
  // What is declared of that deployment and name already is put in its place.
  Result<void> declare_metric(const NewMetric& wish);
  Result<void> list_metrics(std::ostream& out);
  Result<void> remove_metric(const std::string& id);
  // Whether it is intact.
  Result<bool> verify_audit(std::ostream& out);

 private:
  ApiCall call_;
};

}  // namespace penstock::api
