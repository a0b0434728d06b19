// A session over libpq, for statements that carry chunk bytes: libpqxx 6 reads bytea as hexadecimal text, at twice the
// size.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "penstock/core/result.hpp"
#include "postgres/connection_breaker.hpp"
#include "postgres/options.hpp"
#include "postgres/pq_result.hpp"
#include "postgres/sql_error.hpp"

namespace penstock::postgres {

// One thread at a time, but for cancel(). After an error of a broken connection (see broken()) it is of no use any
// more.
class PqConnection {
 public:
  // Blocks at most connect_timeout.
  static Result<std::unique_ptr<PqConnection>> open(const ConnectionOptions& options);
  ~PqConnection();
  PqConnection(const PqConnection&) = delete;
  PqConnection& operator=(const PqConnection&) = delete;

  // One statement. `doing` completes "Postgres could not …" in the error's message.
  Result<PqResult> run(const std::string& sql, std::string_view doing, const PqParams& params = {});
  // Several statements without parameters, separated by semicolons.
  Result<void> script(const std::string& sql, std::string_view doing);
  // The two halves of a statement without parameters: handed to the server, and what became of it.
  bool send(const std::string& sql);
  Result<PqResult> answer(bool sent, std::string_view doing);
  // COPY … FROM STDIN: `write` is called once and sends through copy_data().
  Result<void> copy(const std::string& sql, std::string_view doing, const std::function<bool()>& write);
  bool copy_data(std::string_view bytes);

  // How long an answer may take to come; a server that is silent for longer (stopped, cut off) breaks the connection
  // with `unavailable`. 0: for ever. At the start it is what a statement may take and the network besides: the server
  // keeps the statement's timeout itself, and one that is silent does not.
  void set_answer_timeout(std::chrono::milliseconds at_most) { answer_timeout_ = at_most; }

  // While it says that the server is away, an answer is not waited for.
  void give_up_with(std::shared_ptr<const Pulse> pulse) { pulse_ = std::move(pulse); }

  bool silent() const { return silent_; }  // broken because no answer came
  bool broken() const;
  pid_t backend() const;  // the server's process
  // Asks the server to interrupt the statement that runs now, if any. Any thread.
  void cancel();

 private:
  explicit PqConnection(PGconn* connection);
  SqlFailure failure(const PGresult* result) const;
  bool answer_arrived();
  Error silence(std::string_view doing);
  Error error(const PGresult* result, std::string_view doing) const;

  std::shared_ptr<ConnectionBreaker> breaker_;
  ConnectionBreaker::Guard breakable_;
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
  std::chrono::milliseconds answer_timeout_{0};
  std::shared_ptr<const Pulse> pulse_;
  bool silent_ = false;
  std::mutex cancel_mutex_;
  std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> cancel_;
};

}  // namespace penstock::postgres
