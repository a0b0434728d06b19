#include <algorithm>
#include <utility>

#include "query/chunk_walk.hpp"
#include "query/engine_state.hpp"
#include "query/facet_counts.hpp"
#include "query/field_counts.hpp"
#include "query/histogram_counts.hpp"
#include "query/page_cursor.hpp"
#include "query/single_row.hpp"
#include "query/top_rows.hpp"

namespace penstock::query {
namespace {

Timestamp shifted(Timestamp time, std::int64_t by) {
  std::int64_t out = 0;
  if (__builtin_add_overflow(time.ns, by, &out)) return by < 0 ? kBeginning : kEnd;
  return Timestamp{out};
}

}  // namespace

Result<Engine::State::Planned> Engine::State::plan(const Scope& scope, Right right, const LogQuery& query) const {
  if (query.from > query.to) return Error{ErrorCode::invalid_request, "from lies after to: exchange them.", "from"};
  Deployments deployments = resolve_deployments(scope, right, query.deployments);
  auto matcher = Matcher::compile(query, kQueryRegexBytes, &deployments);
  if (!matcher) return std::move(matcher).error();
  std::shared_ptr<ByteBudget::Lease> lease;
  if (matcher->memory_bytes() > 0) {
    // Held also while the query waits for a place.
    auto taken = memory->of_long.take(matcher->memory_bytes());
    if (!taken) taken = memory->of_short.take(matcher->memory_bytes());
    if (!taken) return memory_error();
    lease = std::make_shared<ByteBudget::Lease>(std::move(*taken));
  }
  return Planned{std::move(deployments), std::move(*matcher), query.from, query.to,
                 query.min_severity, query.ascending, query.arrived, std::move(lease)};
}

LogRange Engine::State::Planned::range() const {
  return {deployments, from, to, min_severity, std::nullopt, arrived, ascending};
}

Result<void> Engine::State::scan(const Planned& planned, bool journal_only, LogConsumer& consumer, QueryRun& run) {
  if (planned.deployments.none()) return {};
  auto data = view(planned.deployments, journal_only, run);
  if (!data) return std::move(data).error();
  return scan_logs(*data, planned.range(), planned.matcher, sealer, consumer, run);
}

Result<StepGrid> Engine::State::histogram_grid(Timestamp from, Timestamp to, std::int64_t asked, const ZoneName& zone_name) const {
  std::int64_t span = 0;
  if (__builtin_sub_overflow(to.ns, from.ns, &span)) {
    return Error{ErrorCode::invalid_request, "The time range is too long.", "from"};
  }
  if (asked < 0) return Error{ErrorCode::invalid_request, "step must be longer than 0.", "step"};
  const std::int64_t step = asked > 0 ? asked : round_step(span, options.histogram_buckets);
  const auto zone = ClockZone::open(zone_name);
  if (!zone) return zone.error();
  return make_grid(from, to, step, *zone, options.max_histogram_buckets);
}

Result<LogPage> Engine::State::page(const Planned& planned, const LogQuery& query, std::size_t limit, std::size_t parts,
                                    const Asker& asker) {
  std::optional<RowKey> after;
  if (!query.cursor.empty()) {
    auto key = decode_cursor(query, query.cursor);
    if (!key) return std::move(key).error();
    after = *key;
  }
  return run<LogPage>(asker, [&](QueryRun& run, bool journal_only) -> Result<LogPage> {
    Planned part = planned;
    if (after && query.ascending) part.from = std::max(part.from, after->timestamp);
    if (after && !query.ascending) part.to = std::min(part.to, shifted(after->timestamp, 1));
    // One row more than asked tells whether there is a next page.
    TopRows rows(limit + 1, query.ascending, after, run.share_bytes / parts, run.lease);
    if (auto ok = scan(part, journal_only, rows, run); !ok) return std::move(ok).error();
    LogPage page;
    page.records = rows.take();
    const bool more = rows.truncated() || page.records.size() > limit;
    if (page.records.size() > limit) page.records.pop_back();
    if (more && !page.records.empty()) {
      const auto& last = page.records.back();
      page.cursor = encode_cursor(query, {last.timestamp, last.id.journal, last.id.sequence});
    }
    return page;
  });
}

Result<LogPage> Engine::logs(const Scope& scope, const LogQuery& query, const StopFlag& canceled) {
  if (query.limit < 1 || query.limit > kMaxLimit) {
    return Error{ErrorCode::invalid_request, "limit must lie between 1 and " + std::to_string(kMaxLimit) + ".",
                 "limit"};
  }
  auto planned = state_->plan(scope, Right::logs_read, query);
  if (!planned) return std::move(planned).error();
  return state_->page(*planned, query, query.limit, 1, asker_of(scope, query.timeout_ns, canceled));
}

Result<Stats> Engine::stream_logs(const Scope& scope, const LogQuery& query, const RowVisitor& visit,
                                  const StopFlag& canceled) {
  auto planned = state_->plan(scope, Right::logs_read, query);
  if (!planned) return std::move(planned).error();
  LogQuery part = query;
  Stats stats;
  // A slow client holds its page for long: small ones leave memory to the others.
  const std::size_t parts = std::max<std::size_t>(4, 4 * state_->options.downloads / std::max<std::size_t>(state_->options.concurrent, 1));
  for (;;) {
    auto page = state_->page(*planned, part, state_->options.stream_page, parts, asker_of(scope, query.timeout_ns, canceled, true));
    if (!page) return std::move(page).error();
    stats += page->stats;
    for (const auto& row : page->records) {
      if (canceled.load(std::memory_order_relaxed)) return Error{ErrorCode::canceled, "The query was canceled.", ""};
      if (!visit(row)) return stats;
    }
    if (page->cursor.empty()) return stats;
    part.cursor = std::move(page->cursor);
  }
}

Result<LogHistogram> Engine::histogram(const Scope& scope, const LogQuery& query, std::int64_t step_ns,
                                       const StopFlag& canceled, const ZoneName& zone) {
  auto planned = state_->plan(scope, Right::logs_read, query);
  if (!planned) return std::move(planned).error();
  const auto grid = state_->histogram_grid(query.from, query.to, step_ns, zone);
  if (!grid) return grid.error();
  return state_->run<LogHistogram>(asker_of(scope, query.timeout_ns, canceled), [&](QueryRun& run, bool journal_only) -> Result<LogHistogram> {
    if (!run.lease.grow(HistogramCounts::bytes(*grid))) return memory_error();
    HistogramCounts counts(*grid);
    if (auto ok = state_->scan(*planned, journal_only, counts, run); !ok) return std::move(ok).error();
    return LogHistogram{query.from, query.to, grid->step, counts.take(), {}};
  });
}

Result<Facets> Engine::facets(const Scope& scope, const LogQuery& query, const std::string& field, std::uint32_t limit,
                              const StopFlag& canceled) {
  if (field.empty()) return Error{ErrorCode::invalid_request, "Name the field to count: ?field=source.", "field"};
  auto planned = state_->plan(scope, Right::logs_read, query);
  if (!planned) return std::move(planned).error();
  return state_->run<Facets>(asker_of(scope, query.timeout_ns, canceled), [&](QueryRun& run, bool journal_only) -> Result<Facets> {
    FacetCounts counts(field, state_->options.distinct_values, run.lease);
    if (auto ok = state_->scan(*planned, journal_only, counts, run); !ok) return std::move(ok).error();
    return counts.take(limit);
  });
}

Result<FieldList> Engine::fields(const Scope& scope, const LogQuery& query, const StopFlag& canceled) {
  auto planned = state_->plan(scope, Right::logs_read, query);
  if (!planned) return std::move(planned).error();
  return state_->run<FieldList>(asker_of(scope, query.timeout_ns, canceled), [&](QueryRun& run, bool journal_only) -> Result<FieldList> {
    FieldCounts counts(run.lease);
    if (auto ok = state_->scan(*planned, journal_only, counts, run); !ok) return std::move(ok).error();
    return counts.take();
  });
}

Result<LogContext> Engine::context(const Scope& scope, const ContextQuery& query, const StopFlag& canceled) {
  if (query.before > 1'000 || query.after > 1'000) {
    return Error{ErrorCode::invalid_request, "before and after must be at most 1000.",
                 query.before > 1'000 ? "before" : "after"};
  }
  const auto deployments = resolve_deployments(scope, Right::logs_read, query.deployments);
  return state_->run<LogContext>(asker_of(scope, query.timeout_ns, canceled), [&](QueryRun& run, bool journal_only) -> Result<LogContext> {
    const Error unknown{ErrorCode::not_found, "There is no such record.", "id"};
    if (deployments.none()) return unknown;
    auto view = state_->view(deployments, journal_only, run);
    if (!view) return std::move(view).error();
    auto everything = Matcher::compile({}, kQueryRegexBytes, &deployments);
    if (!everything) return std::move(everything).error();
    SingleRow single(query.id);
    LogRange range{deployments, kBeginning, kEnd, std::nullopt, query.id, std::nullopt, false};
    if (auto ok = scan_logs(*view, range, *everything, state_->sealer, single, run); !ok) return std::move(ok).error();
    if (!single.row()) return unknown;
    LogContext out;
    out.record = std::move(*single.row());

    LogQuery neighbours;
    if (query.same_source) neighbours.sources = {out.record.source};
    auto matcher = Matcher::compile(neighbours, kQueryRegexBytes, &deployments);
    if (!matcher) return std::move(matcher).error();
    const RowKey key{out.record.timestamp, out.record.id.journal, out.record.id.sequence};
    const auto side = [&](bool ascending, std::uint32_t count) -> Result<std::vector<LogRow>> {
      if (count == 0) return std::vector<LogRow>();
      TopRows rows(count, ascending, key, run.share_bytes, run.lease);
      LogRange near{deployments.only(out.record.deployment), key.timestamp, shifted(key.timestamp, 1), std::nullopt,
                    std::nullopt, std::nullopt, ascending};
      (ascending ? near.to : near.from) = shifted(key.timestamp, ascending ? query.reach_ns : -query.reach_ns);
      if (auto ok = scan_logs(*view, near, *matcher, state_->sealer, rows, run); !ok) return std::move(ok).error();
      return rows.take();
    };
    auto before = side(false, query.before);
    if (!before) return std::move(before).error();
    auto after = side(true, query.after);
    if (!after) return std::move(after).error();
    out.before = std::move(*before);
    std::reverse(out.before.begin(), out.before.end());
    out.after = std::move(*after);
    return out;
  });
}

}  // namespace penstock::query
