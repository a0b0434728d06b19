// Log answers that are made while they are sent: NDJSON and CSV downloads.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>

#include "api/downloads.hpp"
#include "api/route.hpp"
#include "http/message.hpp"
#include "query/csv.hpp"
#include "penstock/ports/audit_log.hpp"
#include "query/engine.hpp"

namespace penstock::api {

// What is downloaded is told in the audit log, once it is more than this; 0: never.
struct ExportWatch {
  AuditLog* audit = nullptr;
  std::uint64_t records = 100'000;
  std::uint64_t bytes = 10'000'000;
};

struct LogStream {
  query::Engine& engine;
  Downloads& downloads;
  query::Scope scope;
  query::LogQuery query;
  bool csv = false;
  std::uint64_t most_rows = 0;  // 0: all
  query::CsvText csv_text = query::CsvText::guarded;
  ExportWatch watch = {};
  AuditEntry by = {};
};

// overloaded, at once, when all places are taken. Answers once the first row is there, so that an error before it still has its status. A worker thread produces the
// rest.
boost::asio::awaitable<http::Response> stream_logs(LogStream stream, RequestPtr request);

}  // namespace penstock::api
