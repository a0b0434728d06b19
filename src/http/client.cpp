#include "http/client.hpp"

#include <optional>

#include "http/client_connection.hpp"
#include "http/client_tls.hpp"
#include "http/request_head.hpp"

namespace penstock::http {
namespace {

bool breaks_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

bool brings(const ClientHeaders& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (equals_ignoring_case(key, name)) return true;
  }
  return false;
}

std::string request_head(std::string_view method, const ClientUrl& url, const ClientHeaders& headers,
                         std::size_t body_size, const std::string& user_agent) {
  std::string head;
  head.append(method).append(" ").append(url.target).append(" HTTP/1.1\r\n");
  head.append("Host: ").append(url.host_field).append("\r\n");
  if (!brings(headers, "User-Agent")) head.append("User-Agent: ").append(user_agent).append("\r\n");
  for (const auto& [name, value] : headers) head.append(name).append(": ").append(value).append("\r\n");
  if (body_size > 0 || (method != "GET" && method != "HEAD")) {
    head.append("Content-Length: ").append(std::to_string(body_size)).append("\r\n");
  }
  return head.append("\r\n");
}

}  // namespace

std::string_view ClientResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equals_ignoring_case(key, name)) return value;
  }
  return {};
}

struct Client::State {
  explicit State(ClientOptions o) : options(std::move(o)) {}

  // Reading the system's certificates takes a while: only for who calls https.
  Result<void> prepare_tls() {
    if (tls_ready) return {};
    Result<void> prepared = prepare_client_tls(tls, options.tls);
    if (!prepared) return prepared;
    tls_ready = true;
    return {};
  }

  ClientOptions options;
  boost::asio::ssl::context tls{boost::asio::ssl::context::tls_client};
  bool tls_ready = false;
  std::optional<ClientConnection> connection;
};

Client::Client(ClientOptions options) : state_(std::make_unique<State>(std::move(options))) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

void Client::close() { state_->connection.reset(); }

Result<ClientResponse> Client::request(std::string_view method, std::string_view url, const ClientHeaders& headers,
                                       std::string_view body, std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  const Result<ClientUrl> parsed = parse_client_url(url);
  if (!parsed) return parsed.error();
  for (const auto& [name, value] : headers) {
    if (breaks_line(name) || breaks_line(value)) {
      return Error{ErrorCode::invalid_request, "The header " + name + " holds a line break.", "headers"};
    }
  }
  if (!parsed->secure && !state_->options.tls.pins.empty()) {
    return Error{ErrorCode::config_error, "A server is known by its certificate's fingerprint over https:// only.", "pin"};
  }
  if (parsed->secure) {
    Result<void> prepared = state_->prepare_tls();
    if (!prepared) return prepared.error();
  }
  const std::string head = request_head(method, *parsed, headers, body.size(), state_->options.user_agent);
  std::optional<ClientConnection>& connection = state_->connection;
  for (bool first_try = true;; first_try = false) {
    const bool kept = first_try && connection && connection->reusable() && connection->fits(*parsed);
    if (!kept) {
      connection.emplace(state_->options, state_->tls);
      Result<void> opened = connection->open(*parsed, deadline);
      if (!opened) {
        connection.reset();
        return opened.error();
      }
    }
    bool answered = false;
    Result<ClientResponse> response = connection->exchange(head, body, method == "HEAD", deadline, answered);
    if (!connection->reusable()) connection.reset();
    const bool again = !response && kept && !answered && response.error().code == ErrorCode::io_error;
    if (!again) return response;
  }
}

}  // namespace penstock::http
