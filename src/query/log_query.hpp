// A question about logs and its answers, as plain values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/byte_budget.hpp"
#include "penstock/core/ids.hpp"
#include "penstock/core/record.hpp"
#include "penstock/core/result.hpp"
#include "penstock/core/severity.hpp"
#include "penstock/core/time.hpp"
#include "query/stats.hpp"

namespace penstock::query {

inline constexpr std::uint32_t kMaxLimit = 10'000;

// Of the query language: 1 is what deletions mean that earlier builds stored, in which name:value is only a field, of that very name.
inline constexpr int kQueryLanguage = 2;

// Filters are joined by AND; several sources (deployments) are alternatives.
struct LogQuery {
  std::vector<std::string> deployments = {};  // empty: all that the scope allows
  Timestamp from = {};                        // inclusive
  Timestamp to = {};                          // exclusive
  std::optional<Severity> min_severity = {};  // that and above
  std::vector<std::string> sources = {};      // exact; empty: all
  std::vector<std::string> source_patterns = {};  // of core/name_pattern.hpp, beside `sources`; empty: all. What a grant was narrowed to
  std::string q = {};                         // the query language, src/query/LANGUAGE.md; empty: everything
  int language = kQueryLanguage;              // that q is written in
  std::vector<std::pair<std::string, std::string>> fields = {};  // field.NAME=VALUE: the whole value, as text
  // The record's own members by whole value. Only of deletions stored while field.source meant the record's source.
  std::vector<std::pair<std::string, std::string>> members = {};
  std::optional<SequenceRange> arrived = {};  // only what arrived then
  std::uint32_t limit = 100;             // 1 … kMaxLimit; of a stream not bounded
  bool ascending = false;                // oldest first
  std::string cursor = {};                    // from the page before; empty: the first page
  std::int64_t timeout_ns = 0;                // 0: as long as Options::timeout_ns, which is also the most
};

// A log record that owns its bytes.
struct LogField {
  std::string name;
  FieldType type = FieldType::null;
  std::string text;          // string, json
  std::int64_t integer = 0;  // integer; boolean: 0 or 1
  double real = 0;

  FieldValue value() const;
};

struct LogRow {
  RecordId id;
  Timestamp timestamp;
  Timestamp received_at;
  std::string deployment;
  std::string source;
  Severity severity = Severity::info;
  std::string message;
  std::vector<LogField> fields;

  static LogRow from(RecordId id, const LogView& view);
  // A view of this row; `scratch` keeps the fields' views and must outlive it.
  LogView view(std::vector<FieldView>& scratch) const;
  std::size_t size_bytes() const;  // about what it holds of the memory budget
};

// Rows in the order asked for: by (timestamp, journal, sequence), newest first or oldest first.
struct LogPage {
  std::vector<LogRow> records;
  std::string cursor;  // opaque, for the next page; empty: there is none
  Stats stats;
  std::optional<ByteBudget::Lease> lease;  // holds the rows' share of the query budget until the page is gone
};

struct LogHistogram {
  struct Bucket {
    Timestamp time;  // start, a multiple of the step
    std::array<std::uint64_t, kSeverityCount> counts{};
  };
  Timestamp from, to;
  std::int64_t step_ns = 0;
  std::vector<Bucket> buckets;  // every step from `from` to `to`, empty ones included
  Stats stats;
};

struct Facets {
  struct Value {
    std::string value;
    std::uint64_t count = 0;
  };
  std::string field;
  std::vector<Value> values;   // most frequent first, then by value
  std::uint64_t missing = 0;   // matching records without that field
  std::uint64_t other = 0;     // records whose value is not among `values`
  bool approximate = false;    // more distinct values than are counted exactly (Options::distinct_values)
  // Of those values that are numbers: percentiles within 1 %, and how many lie in each of a few round ranges.
  struct Numbers {
    struct Range {
      double from = 0;
      std::optional<double> to = {};  // exclusive; none: there is no end
      std::uint64_t count = 0;
    };
    std::uint64_t count = 0;
    double min = 0, max = 0, avg = 0, p50 = 0, p90 = 0, p95 = 0, p99 = 0;
    std::vector<Range> ranges;  // ascending, each begins where the one before ends
  };
  std::optional<Numbers> numbers = {};  // of a field
  Stats stats;
};

struct FieldList {
  struct Field {
    std::string name;              // fields.source: one that is called like a member (shadowed_name.hpp)
    std::vector<FieldType> types;  // ascending
    std::uint64_t count = 0;       // records that have it
  };
  std::vector<Field> fields;  // source, severity and deployment first, then by name
  bool approximate = false;
  Stats stats;
};

// Neighbours in time of one record, of its deployment, and of its source unless told otherwise.
struct ContextQuery {
  RecordId id = {};
  std::uint32_t before = 10, after = 10;  // each at most 1,000
  std::vector<std::string> deployments = {};   // empty: all that the scope allows
  bool same_source = true;
  std::int64_t reach_ns = kDay;           // how far to look on either side
  std::int64_t timeout_ns = 0;            // as LogQuery's
};

struct LogContext {
  std::vector<LogRow> before;  // oldest first
  LogRow record;
  std::vector<LogRow> after;   // oldest first
  Stats stats;
};

// What a deletion hid, and under which id each deployment's part of it can be asked after.
struct Removed {
  struct Part {
    std::int64_t id = 0;
    std::string deployment;
    std::uint64_t count = 0;
  };
  std::uint64_t count = 0;
  std::vector<Part> parts;  // of deployments that had matching records
};

// Checks the time range and that the limit is not 0; the error names the parameter. What costs more, the q text, is looked at by
// Matcher::compile().
Result<void> validate(const LogQuery& query);

}  // namespace penstock::query
