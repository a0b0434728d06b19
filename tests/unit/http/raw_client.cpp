#include "raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "support/patience.hpp"

namespace penstock::http::test {
namespace {

const sockaddr* generic(const sockaddr_in& address) {
  return static_cast<const sockaddr*>(static_cast<const void*>(&address));
}

sockaddr_in loopback(const char* address, std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  inet_pton(AF_INET, address, &out.sin_addr);
  return out;
}

}  // namespace

RawClient::RawClient(std::uint16_t port, const char* from) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval patience{penstock::test::kPatience.count(), 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (from != nullptr) {
    const sockaddr_in own = loopback(from, 0);
    bind(socket_, generic(own), sizeof own);
  }
  const sockaddr_in server = loopback("127.0.0.1", port);
  if (connect(socket_, generic(server), sizeof server) != 0) close();
}

RawClient::~RawClient() { close(); }

RawClient::RawClient(RawClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), buffer_(std::move(other.buffer_)) {}

void RawClient::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

void RawClient::half_close() { shutdown(socket_, SHUT_WR); }

void RawClient::shrink_receive_buffer() {
  const int size = 4096;
  setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool RawClient::fill() {
  std::array<char, 65536> bytes;
  const ssize_t got = recv(socket_, bytes.data(), bytes.size(), 0);
  if (got > 0) buffer_.append(bytes.data(), static_cast<std::size_t>(got));
  return got > 0;
}

std::optional<std::string> RawClient::take_until(std::string_view end) {
  std::size_t at = 0;
  while ((at = buffer_.find(end)) == std::string::npos) {
    if (!fill()) return std::nullopt;
  }
  return take(at + end.size());
}

std::optional<std::string> RawClient::take(std::size_t size) {
  while (buffer_.size() < size) {
    if (!fill()) return std::nullopt;
  }
  std::string out = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return out;
}

std::string RawClient::receive_some() {
  if (buffer_.empty()) fill();
  return std::exchange(buffer_, {});
}

bool RawClient::closed_by_server() {
  if (!buffer_.empty()) return false;
  std::array<char, 1> byte;
  const ssize_t got = recv(socket_, byte.data(), 1, 0);
  return got == 0 || (got < 0 && errno == ECONNRESET);
}

bool RawClient::reset_by_server() const {
  pollfd watched{socket_, 0, 0};
  return poll(&watched, 1, 0) == 1 && (watched.revents & POLLERR) != 0;
}

std::optional<RawResponse> RawClient::receive(bool head_only) {
  const auto head = take_until("\r\n\r\n");
  if (!head || !head->starts_with("HTTP/1.")) return std::nullopt;
  RawResponse response;
  response.status = std::stoi(head->substr(9, 3));
  for (std::size_t at = head->find("\r\n") + 2; at + 2 < head->size();) {
    const std::size_t end = head->find("\r\n", at), colon = head->find(": ", at);
    std::string name = head->substr(at, colon - at);
    for (char& c : name) c = static_cast<char>(std::tolower(c));
    response.headers[name] = head->substr(colon + 2, end - colon - 2);
    at = end + 2;
  }
  response.whole = true;
  if (head_only || response.status / 100 == 1 || response.status == 204 || response.status == 304) return response;
  if (response.headers.contains("transfer-encoding")) {
    for (;;) {
      const auto line = take_until("\r\n");
      const std::size_t size = line ? std::stoul(*line, nullptr, 16) : 0;
      const auto piece = line ? take(size + 2) : std::nullopt;
      response.whole = piece.has_value();
      if (!piece || size == 0) return response;
      response.body += piece->substr(0, size);
    }
  }
  if (response.headers.contains("content-length")) {
    const auto body = take(std::stoul(response.headers["content-length"]));
    response.whole = body.has_value();
    response.body = body.value_or(std::string());
    return response;
  }
  while (fill()) continue;
  response.body = std::exchange(buffer_, {});
  return response;
}

}  // namespace penstock::http::test
