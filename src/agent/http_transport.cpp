#include <charconv>

#include "agent/transport.hpp"
#include "http/client.hpp"
#include "http/client_url.hpp"

namespace penstock::agent {
namespace {

class HttpTransport : public Transport {
 public:
  explicit HttpTransport(TransportOptions options) : options_(std::move(options)) {
    while (options_.url.ends_with('/')) options_.url.pop_back();
  }

  void end_with(const StopFlag& stop, std::chrono::milliseconds grace) override {
    stop_ = &stop;
    grace_ = grace;
  }

  Result<Reply> post(const Posting& posting) override {
    http::ClientHeaders headers;
    headers.emplace_back("Content-Type", posting.content_type);
    headers.emplace_back("Idempotency-Key", posting.idempotency_key);
    headers.emplace_back("X-Penstock-Rejected", "all");  // an older server does not know it and tells the first hundred
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
  bool is_over() {
    if (stop_ == nullptr || !*stop_) return false;
    const auto now = std::chrono::steady_clock::now();
    if (!stopped_at_) stopped_at_ = now;
    return now - *stopped_at_ >= grace_;
  }
  http::ClientOptions client_options() {
    http::ClientOptions options;
    options.tls = options_.tls;
    options.given_up = [this] { return is_over(); };
    return options;
  }

  TransportOptions options_;
  const StopFlag* stop_ = nullptr;
  std::chrono::milliseconds grace_{0};
  std::optional<std::chrono::steady_clock::time_point> stopped_at_;  // when that was first seen
  http::Client client_{client_options()};
};

}  // namespace

Result<void> check_server_url(std::string_view url) {
  const Result<http::ClientUrl> parsed = http::parse_client_url(url);
  if (!parsed) return parsed.error();
  return {};
}

std::unique_ptr<Transport> make_http_transport(TransportOptions options) { return std::make_unique<HttpTransport>(std::move(options)); }

}  // namespace penstock::agent
