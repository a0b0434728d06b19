// A socket that sends exactly the bytes a test wants, and reads answers with a small parser of its own.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::http::test {

struct RawResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  bool whole = false;  // the body came to its end as the framing says
};

// Blocking; gives up when patience ends, which fails the test that waits.
class RawClient {
 public:
  // `from`: the loopback address to call from ("127.0.0.2"), so that tests can be many clients.
  explicit RawClient(std::uint16_t port, const char* from = nullptr);
  ~RawClient();
  RawClient(RawClient&& other) noexcept;
  RawClient(const RawClient&) = delete;

  bool connected() const { return socket_ >= 0; }
  // False when the server has closed.
  bool send(std::string_view bytes);
  // `head_only`: the answer to a HEAD request. nullopt when the connection ended before a whole head.
  std::optional<RawResponse> receive(bool head_only = false);
  // At least one more byte of whatever comes; empty at the end.
  std::string receive_some();
  // True when the server closes without sending anything more.
  bool closed_by_server();
  bool reset_by_server() const;  // now; what came before can still be read
  void half_close();
  void close();
  // From now on takes nothing in: a client that does not read.
  void shrink_receive_buffer();

 private:
  bool fill();
  std::optional<std::string> take_until(std::string_view end);
  std::optional<std::string> take(std::size_t size);

  int socket_ = -1;
  std::string buffer_;
};

}  // namespace penstock::http::test
