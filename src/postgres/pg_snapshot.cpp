#include "postgres/pg_snapshot.hpp"

#include <limits>

#include "penstock/core/record.hpp"
#include "postgres/chunk_rows.hpp"
#include "postgres/deletion_rows.hpp"
#include "postgres/labels_json.hpp"

namespace penstock::postgres {
namespace {

// Headers and filters of one page are in memory together; a filter may have half a megabyte.
constexpr int kChunkPage = 16;
constexpr int kSeriesPage = 500;

// WHERE clauses and their parameters, gathered side by side.
class Conditions {
 public:
  void fixed(const std::string& text) { append(text); }
  template <class Value>
  void compare(const std::string& before, const Value& value, const std::string& after) {
    params_.add(value);
    append(before + "$" + std::to_string(params_.size()) + after);
  }
  void one_of(const std::string& column, const std::vector<std::string>& names) {
    if (names.empty()) return;
    params_.add_array(names);
    append(column + " = ANY ($" + std::to_string(params_.size()) + "::text[])");
  }
  const std::string& where() const { return where_; }
  const PqParams& params() const { return params_; }

 private:
  void append(const std::string& text) { where_ += (where_.empty() ? " WHERE " : " AND ") + text; }

  std::string where_;
  PqParams params_;
};

Conditions conditions_of(const ChunkFilter& filter) {
  Conditions all;
  all.one_of("deployment", filter.deployments);
  all.compare("kind = ", static_cast<std::int64_t>(filter.kind), "::smallint");
  // The day repeats what the times say, and is what partitions are chosen by.
  all.compare("day >= ", std::int64_t{day_of(filter.from)}, "::integer");
  all.compare("day <= ", std::int64_t{day_of(filter.to)}, "::integer");
  all.compare("max_time >= ", filter.from.ns, "::bigint");
  all.compare("min_time < ", filter.to.ns, "::bigint");
  if (filter.series_min) all.compare("max_series >= ", series_to_sql(*filter.series_min), "::bigint");
  if (filter.series_max) all.compare("min_series <= ", series_to_sql(*filter.series_max), "::bigint");
  if (filter.min_severity) {
    all.compare("max_severity >= ", static_cast<std::int64_t>(*filter.min_severity), "::smallint");
  }
  if (filter.arrived) {
    all.compare("journal_id = ", filter.arrived->journal.value, "::bigint");
    all.compare("max_sequence >= ", static_cast<std::int64_t>(filter.arrived->from), "::bigint");
    all.compare("min_sequence < ", static_cast<std::int64_t>(filter.arrived->to), "::bigint");
  }
  if (filter.containing) {
    const auto sequence = static_cast<std::int64_t>(filter.containing->sequence);
    all.compare("journal_id = ", filter.containing->journal.value, "::bigint");
    all.compare("max_sequence >= ", sequence, "::bigint");
    all.compare("min_sequence <= ", sequence, "::bigint");
  }
  return all;
}

}  // namespace

PgSnapshot::PgSnapshot(ReadPool::Lease lease, PqTransaction transaction, Sealer* sealer)
    : lease_(std::move(lease)), transaction_(std::move(transaction)), sealer_(sealer) {}

PgSnapshot::~PgSnapshot() {
  transaction_.reset();
  // The interruption may still be on its way to the server, and must not hit who uses the connection next.
  if (canceled_.load(std::memory_order_acquire)) lease_.discard();
}

Result<std::unique_ptr<PgSnapshot>> PgSnapshot::begin(ReadPool& pool, Sealer* sealer) {
  static constexpr const char* kBegin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
  // A connection that idled may have died since, with a restart of the server: each such one is closed on its failure,
  // then a new one is tried, once.
  for (int attempt = 0;; ++attempt) {
    auto lease = pool.take();
    if (!lease) return lease.error();
    auto transaction = PqTransaction::start(**lease, kBegin);
    if (!transaction) {
      if ((*lease)->silent()) pool.note_silence(transaction.error());
      if (attempt > 0 || (*lease)->silent() || !(*lease)->broken()) return transaction.error();
      pool.close_idle();
      continue;
    }
    // The first statement is what fixes the moment.
    auto cursors = (*lease)->run("SELECT journal_id, position FROM journal_cursor", "read the cursors");
    if (!cursors) return cursors.error();
    std::unique_ptr<PgSnapshot> snapshot(new PgSnapshot(*std::move(lease), *std::move(transaction), sealer));
    for (int row = 0; row < cursors->rows(); ++row) {
      snapshot->cursors_[JournalId{cursors->number(row, 0)}] = static_cast<Sequence>(cursors->number(row, 1));
    }
    return snapshot;
  }
}

Sequence PgSnapshot::cursor(JournalId journal) const {
  const auto found = cursors_.find(journal);
  return found == cursors_.end() ? 0 : found->second;
}

void PgSnapshot::cancel() {
  canceled_.store(true, std::memory_order_release);
  lease_->cancel();
}

Result<PqResult> PgSnapshot::run(const std::string& sql, std::string_view doing, const PqParams& params) {
  if (canceled_.load(std::memory_order_acquire)) return Error{ErrorCode::canceled, "The query was canceled.", ""};
  auto result = lease_->run(sql, doing, params);
  if (!result) {
    auto& code = result.error().code;
    if (canceled_.load(std::memory_order_acquire)) {
      code = ErrorCode::canceled;
    } else if (code == ErrorCode::canceled) {
      code = ErrorCode::unavailable;  // statement_timeout
    } else if (code == ErrorCode::invalid_value) {
      code = ErrorCode::internal;
    }
  }
  return result;
}

Result<void> PgSnapshot::each(const std::string& select, std::string_view doing, const PqParams& params, int page,
                              const std::function<bool(const PqResult&, int)>& visit) {
  const std::string name = "page" + std::to_string(next_cursor_++);
  auto declared = run("DECLARE " + name + " NO SCROLL CURSOR FOR " + select, doing, params);
  if (!declared) return declared.error();
  for (bool more = true; more;) {
    auto rows = run("FETCH " + std::to_string(page) + " FROM " + name, doing);
    if (!rows) return rows.error();
    more = rows->rows() == page;
    for (int row = 0; row < rows->rows(); ++row) {
      if (visit(*rows, row)) continue;
      more = false;
      break;
    }
  }
  auto closed = run("CLOSE " + name, doing);
  if (!closed) return closed.error();
  return {};
}

Result<void> PgSnapshot::chunks(const ChunkFilter& filter, const std::function<bool(const Chunk&)>& visit) {
  const Conditions all = conditions_of(filter);
  const std::string select =
      std::string("SELECT ") + kMetaColumns + ", header, filter FROM chunk" + all.where() +
          " ORDER BY max_time DESC, id DESC";
  Chunk chunk;
  return each(select, "list chunks", all.params(), kChunkPage, [&](const PqResult& rows, int row) {
    chunk.meta = read_meta(rows, row);
    chunk.header.assign(rows.bytes(row, kMetaColumnCount));
    chunk.filter.assign(rows.bytes(row, kMetaColumnCount + 1));
    return visit(chunk);
  });
}

Result<std::string> PgSnapshot::read_payload(const ChunkMeta& chunk, std::uint32_t offset, std::uint32_t size) {
  PqParams params;
  params.add(chunk.deployment).add(std::int64_t{chunk.day}).add(chunk.id);
  params.add(std::int64_t{offset} + 1).add(std::int64_t{size});
  auto rows = run("SELECT substring(payload FROM $4::integer FOR $5::integer) FROM chunk "
                  "WHERE deployment = $1::text AND day = $2::integer AND id = $3::bigint",
                  "read a chunk", params);
  if (!rows) return rows.error();
  if (rows->rows() != 1) return Error{ErrorCode::internal, "A chunk that was listed is not there.", ""};
  return std::string(rows->bytes(0, 0));
}

Result<void> PgSnapshot::series(const SeriesFilter& filter, const std::function<bool(const Series&)>& visit) {
  Conditions all;
  all.one_of("deployment", filter.deployments);
  if (!filter.name.empty()) all.compare("name = ", filter.name, "::text");
  if (!filter.labels.empty()) all.compare("labels @> ", labels_to_json(Labels::from(filter.labels)), "::jsonb");
  constexpr Timestamp kFirst{std::numeric_limits<std::int64_t>::min()}, kLast{std::numeric_limits<std::int64_t>::max()};
  if (filter.from != kFirst) all.compare("last_day >= ", std::int64_t{day_of(filter.from)}, "::integer");
  if (filter.to != kLast) all.compare("first_day <= ", std::int64_t{day_of(filter.to)}, "::integer");
  const std::string select = "SELECT deployment, id, name, labels::text FROM series" + all.where() +
      " ORDER BY deployment, name, id";
  std::optional<Error> bad;
  auto done = each(select, "list series", all.params(), kSeriesPage, [&](const PqResult& rows, int row) {
    auto labels = parse_labels(rows.bytes(row, 3));
    if (!labels) {
      bad = labels.error();
      return false;
    }
    return visit(Series{series_from_sql(rows.number(row, 1)), std::string(rows.bytes(row, 0)),
                        std::string(rows.bytes(row, 2)),
                        *std::move(labels)});
  });
  if (bad) return *bad;
  return done;
}

Result<void> PgSnapshot::stored(const std::function<void(const StoredAmount&)>& visit) {
  auto rows = run("SELECT deployment, kind, count(*), sum(record_count)::bigint, sum(bytes::bigint)::bigint, min(min_time), max(max_time) "
                  "FROM chunk GROUP BY deployment, kind ORDER BY deployment COLLATE \"C\", kind",
                  "list deployments");
  if (!rows) return rows.error();
  StoredAmount amount;
  for (int row = 0; row < rows->rows(); ++row) {
    amount.deployment.assign(rows->bytes(row, 0));
    amount.kind = static_cast<RecordKind>(rows->number(row, 1));
    amount.chunks = static_cast<std::uint64_t>(rows->number(row, 2));
    amount.records = static_cast<std::uint64_t>(rows->number(row, 3));
    amount.bytes = static_cast<std::uint64_t>(rows->number(row, 4));
    amount.first = Timestamp{rows->number(row, 5)};
    amount.last = Timestamp{rows->number(row, 6)};
    visit(amount);
  }
  return {};
}

Result<std::vector<Deletion>> PgSnapshot::deletions(const std::vector<std::string>& deployments) {
  Conditions all;
  all.fixed("closed_at IS NULL AND NOT whole");
  all.one_of("deployment", deployments);
  auto rows =
      run(std::string("SELECT ") + kDeletionColumns + " FROM deletion" + all.where() + " ORDER BY id", "list deletions",
                  all.params());
  if (!rows) return rows.error();
  std::vector<Deletion> found;
  for (int row = 0; row < rows->rows(); ++row) {
    found.push_back(deletion_of([&](int column) { return rows->number(row, column); },
                                [&](int column) { return std::string(rows->bytes(row, column)); }));
    if (auto opened = open_filter(sealer_, found.back()); !opened) return opened.error();
  }
  return found;
}

}  // namespace penstock::postgres
