#include "auth/oidc_http_fetch.hpp"

#include <utility>

#include "http/client.hpp"
#include "http/outward.hpp"

namespace penstock::auth {
namespace {

class HttpFetch final : public OidcFetch {
 public:
  HttpFetch(http::ClientOptions client, std::chrono::milliseconds timeout) : client_(std::move(client)), timeout_(timeout) {}

  Result<OidcAnswer> get(const std::string& url) override { return ask("GET", url, {{"Accept", "application/json"}}, ""); }

  Result<OidcAnswer> get_as(const std::string& url, const std::string& access_token) override {
    return ask("GET", url, {{"Accept", "application/json"}, {"Authorization", "Bearer " + access_token}}, "");
  }

  Result<OidcAnswer> post_form(const std::string& url, const std::string& body, const std::string& basic) override {
    http::ClientHeaders headers = {{"Accept", "application/json"}, {"Content-Type", "application/x-www-form-urlencoded"}};
    if (!basic.empty()) headers.emplace_back("Authorization", basic);
    return ask("POST", url, headers, body);
  }

 private:
  // A connection each: they are far between, and a client is for one thread.
  Result<OidcAnswer> ask(std::string_view method, const std::string& url, const http::ClientHeaders& headers, const std::string& body) const {
    auto answer = http::Client(client_).request(method, url, headers, body, timeout_);
    if (!answer) return std::move(answer).error();
    return OidcAnswer{answer->status, std::move(answer->body)};
  }

  const http::ClientOptions client_;
  const std::chrono::milliseconds timeout_;
};

}  // namespace

Result<std::unique_ptr<OidcFetch>> make_oidc_http_fetch(const OidcHttpOptions& options) {
  auto policy = http::OutwardPolicy::parse(options.allow_cidrs, "oidc.allow_cidrs");
  if (!policy) return policy.error();
  http::ClientOptions client;
  client.guard = std::make_shared<const http::OutwardPolicy>(std::move(*policy));
  client.max_answer_bytes = options.max_answer_bytes;
  client.tls.ca_file = options.ca_file;
  client.given_up = options.given_up;
  return std::unique_ptr<OidcFetch>(std::make_unique<HttpFetch>(std::move(client), options.timeout));
}

}  // namespace penstock::auth
