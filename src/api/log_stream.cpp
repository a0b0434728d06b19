#include "api/log_stream.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

#include "api/answers.hpp"
#include "http/byte_pipe.hpp"
#include "http/completion.hpp"
#include "query/csv.hpp"
#include "query/json.hpp"

namespace penstock::api {
namespace {

constexpr std::size_t kPipeBytes = 256 * 1024;
constexpr std::size_t kPieceBytes = 32 * 1024;

void append_texts(std::string& out, const std::vector<std::string>& texts) {
  out += '[';
  for (const std::string& text : texts) {
    if (out.back() != '[') out += ',';
    append_json_string(out, text);
  }
  out += ']';
}

// While it goes on, so that it is told though it never ends: how much it was by then.
void tell_export(const LogStream& stream, std::uint64_t records, std::uint64_t bytes) {
  AuditEntry entry = stream.by;
  entry.action = "logs.export";
  entry.object = stream.query.deployments.size() == 1 ? "deployment:" + stream.query.deployments.front() : "logs";
  entry.detail = "{\"more_than_records\":" + std::to_string(records) + ",\"more_than_bytes\":" + std::to_string(bytes) + ",\"from\":\"" + format_rfc3339(stream.query.from) +
                 "\",\"to\":\"" + format_rfc3339(stream.query.to) + "\",\"deployments\":";
  append_texts(entry.detail, stream.query.deployments);
  entry.detail += '}';
  stream.watch.audit->tell(std::move(entry));
}

// Runs on a worker thread.
void produce(const LogStream& stream, http::BytePipe& pipe, const http::Completion<Result<void>>& started,
             const StopFlag& gone) {
  std::string piece;
  if (stream.csv) piece = query::csv_header();
  bool told = false;
  std::uint64_t rows = 0, bytes = 0;
  bool watched = stream.watch.audit != nullptr;
  const auto above = [](std::uint64_t amount, std::uint64_t most) { return most != 0 && amount > most; };
  const auto watch = [&] {
    if (!watched || (!above(rows, stream.watch.records) && !above(bytes + piece.size(), stream.watch.bytes))) return;
    watched = false;
    tell_export(stream, rows, bytes + piece.size());
  };
  const auto visit = [&](const query::LogRow& row) {
    if (!told) {
      told = true;
      started.fulfil(Result<void>());
    }
    if (stream.csv) {
      query::append_csv(piece, row, stream.csv_text);
    } else {
      query::append_log_json(piece, row);
      piece += '\n';
    }
    if (piece.size() >= kPieceBytes) {
      bytes += piece.size();
      if (!pipe.write(std::exchange(piece, {}))) return false;
    }
    ++rows;
    watch();
    return rows != stream.most_rows;
  };
  const auto stats = stream.engine.stream_logs(stream.scope, stream.query, visit, gone);
  if (!told) started.fulfil(stats ? Result<void>() : Result<void>(stats.error()));
  if (!stats) return pipe.fail();  // a cut body tells the client that this is not the whole
  if (!piece.empty()) pipe.write(std::move(piece));
  pipe.close();
}

}  // namespace

boost::asio::awaitable<http::Response> stream_logs(LogStream stream, RequestPtr request) {
  const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  const std::shared_ptr<http::BytePipe> pipe = http::BytePipe::create(executor, kPipeBytes);
  const http::Completion<Result<void>> started(executor);
  http::Response response;
  response.content_type = stream.csv ? "text/csv; charset=utf-8" : "application/x-ndjson";
  response.stream = pipe->stream();
  Downloads& downloads = stream.downloads;
  auto job = [stream = std::move(stream), pipe, started, gone = request->gone] {
    produce(stream, *pipe, started, *gone);
  };
  const bool taken = downloads.begin(pipe, std::move(job));
  if (!taken) {
    co_return http::error_response(
        Error{ErrorCode::overloaded, "Too many downloads are under way already (query.downloads): try again in a moment.", ""});
  }
  const Result<void> begun = co_await started.wait();
  if (!begun) co_return http::error_response(begun.error());
  co_return response;
}

}  // namespace penstock::api
