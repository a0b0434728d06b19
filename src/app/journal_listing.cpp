#include "app/journal_listing.hpp"

#include <algorithm>
#include <iomanip>
#include <string>

#include "postgres/running_server.hpp"

namespace penstock::app {
namespace {

std::string_view state_of(const journal::JournalReport& report, const journal::SegmentReport& segment) {
  if (segment.damaged_bytes != 0) return "damaged";
  if (segment.closed) return "closed";
  return &segment == &report.segments.back() ? "open" : "cut off";
}

std::string last_of(const journal::SegmentReport& segment) {
  return segment.end > segment.first() ? std::to_string(segment.end - 1) : "-";
}

void print_store(std::ostream& out, const journal::JournalReport& report,
                 const std::vector<postgres::StoredCursor>& cursors) {
  const Sequence end = report.segments.empty() ? 1 : report.segments.back().end;
  const auto found = std::find_if(cursors.begin(), cursors.end(),
                                  [&](const auto& cursor) { return cursor.journal == report.journal; });
  if (found == cursors.end()) {
    out << "store: does not know this journal yet\n";
    return;
  }
  out << "store: has all below " << found->position << ", lags by " << (end > found->position ? end - found->position : 0)
      << " records, moved " << found->moved_at << '\n';
}

}  // namespace

Result<std::vector<postgres::StoredCursor>> store_cursors(const config::Config& config) {
  postgres::ConnectionOptions connection = config.database.connection;
  if (connection.url.empty()) {
    const auto running = postgres::running_server_url(config.data_dir + "/postgres");
    if (!running) {
      return Error{ErrorCode::unavailable, "the private Postgres does not run, so its cursor cannot be asked for", ""};
    }
    connection.url = *running;
  }
  return postgres::stored_cursors(connection);
}

void print_journal(std::ostream& out, const journal::JournalReport& report,
                   const Result<std::vector<postgres::StoredCursor>>& cursors) {
  out << std::left << std::setw(46) << "SEGMENT" << std::right << std::setw(12) << "FIRST" << std::setw(12) << "LAST"
      << std::setw(10) << "RECORDS" << std::setw(8) << "FRAMES" << std::setw(12) << "BYTES"
      << "  STATE    TIMES OF THE RECORDS\n";
  for (const journal::SegmentReport& segment : report.segments) {
    out << std::left << std::setw(46) << journal::segment_file_name(segment.name) << std::right << std::setw(12)
        << segment.first() << std::setw(12) << last_of(segment) << std::setw(10) << segment.records << std::setw(8)
        << segment.frames << std::setw(12) << segment.bytes << "  " << std::left << std::setw(8)
        << state_of(report, segment);
    if (segment.frames != 0) {
      out << ' ' << format_rfc3339(segment.min_time) << " .. " << format_rfc3339(segment.max_time);
    }
    out << '\n';
  }
  out << report.segments.size() << " segments, " << report.records << " records in " << report.frames << " frames";
  if (report.torn_bytes != 0) out << ", " << report.torn_bytes << " bytes of an unacknowledged end";
  out << '\n';
  if (cursors) {
    print_store(out, report, *cursors);
  } else {
    out << "store: not known: " << cursors.error().message << '\n';
  }
}

}  // namespace penstock::app
