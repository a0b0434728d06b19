#include "postgres/pq_connection.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <vector>

#include "postgres/connection_string.hpp"
#include "postgres/pulse.hpp"

namespace penstock::postgres {
namespace {

// libpq keeps all that was not sent yet in one buffer: small pieces keep it small.
constexpr std::size_t kCopyPiece = 64u << 10;
constexpr std::chrono::milliseconds kLook{100};  // at whether the server is away

std::string diagnostic(const PGresult* result, int field) {
  const char* text = PQresultErrorField(result, field);
  return text == nullptr ? "" : text;
}

}  // namespace

PqConnection::PqConnection(PGconn* connection)
    : connection_(connection, &PQfinish), cancel_(PQgetCancel(connection), &PQfreeCancel) {}

PqConnection::~PqConnection() = default;

Result<std::unique_ptr<PqConnection>> PqConnection::open(const ConnectionOptions& options) {
  auto text = connection_string(options);
  if (!text) return text.error();
  if (options.breaker && options.breaker->given_up()) return to_error({"", "the server is stopping", ""}, "be reached");
  std::unique_ptr<PGconn, decltype(&PQfinish)> raw(PQconnectdb(text->c_str()), &PQfinish);
  if (!raw || PQstatus(raw.get()) != CONNECTION_OK) {
    return to_error({"", first_line(PQerrorMessage(raw.get())), ""}, "be reached");
  }
  // Notices are of no use to anybody here, and would go to standard error.
  PQsetNoticeReceiver(raw.get(), [](void*, const PGresult*) {}, nullptr);
  std::unique_ptr<PqConnection> connection(new PqConnection(raw.release()));
  if (options.breaker) {
    connection->breaker_ = options.breaker;
    connection->breakable_ = {*options.breaker, PQsocket(connection->connection_.get())};
  }
  if (options.statement_timeout.count() > 0) {
    connection->set_answer_timeout(options.statement_timeout + options.network_timeout);
  }
  if (auto set = connection->script(session_settings(options), "set up a session"); !set) return set.error();
  return connection;
}

SqlFailure PqConnection::failure(const PGresult* result) const {
  SqlFailure what;
  if (result != nullptr) {
    what.state = diagnostic(result, PG_DIAG_SQLSTATE);
    what.message = first_line(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    what.constraint = diagnostic(result, PG_DIAG_CONSTRAINT_NAME);
  }
  if (what.message.empty()) what.message = first_line(PQerrorMessage(connection_.get()));
  return what;
}

Error PqConnection::error(const PGresult* result, std::string_view doing) const {
  return to_error(failure(result), doing);
}

// Until a result can be taken without waiting; false when the server was silent for too long.
bool PqConnection::answer_arrived() {
  if (answer_timeout_.count() == 0) return true;  // PQgetResult waits
  const auto deadline = std::chrono::steady_clock::now() + answer_timeout_;
  while (PQisBusy(connection_.get()) == 1) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    if (pulse_ && pulse_->away()) return false;
    pollfd socket = {PQsocket(connection_.get()), POLLIN, 0};
    ::poll(&socket, 1, static_cast<int>(pulse_ ? std::min(left, kLook).count() : left.count()));
    if (socket.revents != 0 && PQconsumeInput(connection_.get()) != 1) return true;  // broken: PQgetResult says how
  }
  return true;
}

Error PqConnection::silence(std::string_view doing) {
  silent_ = true;
  return Error{ErrorCode::unavailable, "The database could not " + std::string(doing) + ": it does not answer.", ""};
}

bool PqConnection::send(const std::string& sql) { return PQsendQuery(connection_.get(), sql.c_str()) == 1; }

// What PQexec would give: the last result of what was sent.
Result<PqResult> PqConnection::answer(bool sent, std::string_view doing) {
  if (!sent) return error(nullptr, doing);
  PqResult last(nullptr);
  for (;;) {
    if (!answer_arrived()) return silence(doing);
    PGresult* next = PQgetResult(connection_.get());
    if (next == nullptr) break;
    last = PqResult(next);
  }
  const auto status = PQresultStatus(last.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) return error(last.get(), doing);
  return last;
}

Result<PqResult> PqConnection::run(const std::string& sql, std::string_view doing, const PqParams& params) {
  std::vector<const char*> values;
  std::vector<int> lengths, formats;
  for (const auto& value : params.values_) {
    // A null pointer would be SQL's NULL.
    values.push_back(value.binary ? (value.bytes.data() == nullptr ? "" : value.bytes.data()) : value.text.c_str());
    lengths.push_back(static_cast<int>(value.bytes.size()));
    formats.push_back(value.binary ? 1 : 0);
  }
  return answer(PQsendQueryParams(connection_.get(), sql.c_str(), params.size(), nullptr, values.data(),
                                       lengths.data(), formats.data(), 1) == 1,
                     doing);
}

Result<void> PqConnection::script(const std::string& sql, std::string_view doing) {
  auto result = answer(send(sql), doing);
  if (!result) return result.error();
  return {};
}

Result<void> PqConnection::copy(const std::string& sql, std::string_view doing, const std::function<bool()>& write) {
  if (!send(sql)) return error(nullptr, doing);
  if (!answer_arrived()) return silence(doing);
  const PqResult begun(PQgetResult(connection_.get()));
  if (PQresultStatus(begun.get()) != PGRES_COPY_IN) {
    while (PGresult* rest = PQgetResult(connection_.get())) PQclear(rest);
    return error(begun.get(), doing);
  }
  const bool written = write() && PQputCopyEnd(connection_.get(), nullptr) == 1;
  if (!written) PQputCopyEnd(connection_.get(), "given up");
  std::optional<Error> failed;
  for (;;) {
    if (!answer_arrived()) return silence(doing);
    PGresult* const next = PQgetResult(connection_.get());
    if (next == nullptr) break;
    const PqResult result(next);
    if (PQresultStatus(next) != PGRES_COMMAND_OK && !failed) failed = error(next, doing);
    if (PQstatus(connection_.get()) != CONNECTION_OK) break;
  }
  if (!failed && !written) failed = error(nullptr, doing);
  if (failed) return *failed;
  return {};
}

bool PqConnection::copy_data(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kCopyPiece);
    if (PQputCopyData(connection_.get(), piece.data(), static_cast<int>(piece.size())) != 1) return false;
    bytes.remove_prefix(piece.size());
  }
  return true;
}

bool PqConnection::broken() const { return silent_ || PQstatus(connection_.get()) != CONNECTION_OK; }

pid_t PqConnection::backend() const { return PQbackendPID(connection_.get()); }

void PqConnection::cancel() {
  std::lock_guard lock(cancel_mutex_);
  std::array<char, 256> complaint{};
  if (cancel_) PQcancel(cancel_.get(), complaint.data(), static_cast<int>(complaint.size()));
}

}  // namespace penstock::postgres
