#include <charconv>

#include "agent/transport.hpp"
#include "http/client.hpp"

namespace penstock::agent {
namespace {

class HttpTransport : public Transport {
 public:
  explicit HttpTransport(TransportOptions options) : options_(std::move(options)) {
    while (options_.url.ends_with('/')) options_.url.pop_back();
  }

  Result<Reply> post(const Posting& posting) override {
    http::ClientHeaders headers;
    headers.emplace_back("Content-Type", posting.content_type);
    headers.emplace_back("Idempotency-Key", posting.idempotency_key);
    if (!options_.token.empty()) headers.emplace_back("Authorization", "Bearer " + options_.token);
    if (!options_.deployment.empty()) headers.emplace_back("X-Penstock-Deployment", options_.deployment);
    const std::string url = options_.url + std::string(posting.path);
    Result<http::ClientResponse> response = client_.request("POST", url, headers, posting.body, options_.timeout);
    if (!response) return std::move(response).error();
    Reply reply{response->status, std::move(response->body), std::nullopt};
    const std::string_view after = response->header("Retry-After");
    int seconds = 0;
    const auto [end, error] = std::from_chars(after.data(), after.data() + after.size(), seconds);
    if (error == std::errc() && end == after.data() + after.size() && seconds >= 0) reply.retry_after = std::chrono::seconds(seconds);
    return reply;
  }

 private:
  TransportOptions options_;
  http::Client client_;
};

}  // namespace

std::unique_ptr<Transport> make_http_transport(TransportOptions options) { return std::make_unique<HttpTransport>(std::move(options)); }

}  // namespace penstock::agent
