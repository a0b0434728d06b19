// Between a decoder and a batch: validates, fills in what is absent, writes, reports.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/ingest_metrics.hpp"
#include "ingest/options.hpp"
#include "ingest/report.hpp"
#include "ingest/sample_rules.hpp"
#include "penstock/core/batch.hpp"
#include "penstock/core/deployment_rules.hpp"
#include "penstock/core/grants.hpp"
#include "penstock/ports/decoder.hpp"

namespace penstock::ingest {

// What a request gives to records that lack it.
struct RequestDefaults {
  Timestamp received_at;       // also the timestamp of records without one
  std::string deployment;      // of the header or the token; empty: every record must name one
  std::string source;          // the peer's address
  bool list_rejected = false;  // the report tells every rejected record's index
  bool strict = false;         // what would be a warning refuses the record
};

// As which sources the caller may send to a deployment.
struct MaySend {
  MaySend(bool all) : logs(all ? SourceFilter::all() : SourceFilter::none()), points(logs) {}
  MaySend(SourceFilter of_logs, SourceFilter of_points) : logs(std::move(of_logs)), points(std::move(of_points)) {}

  SourceFilter logs, points;
};
// Asked once per name and request, and never with a name that is malformed.
using Authorize = std::function<MaySend(std::string_view deployment)>;

// One a request, one thread. Takes records as decoders find them; the good ones go to the writer, the others into the report.
// `options`, `metrics` (may be null: nothing is counted), `writer` and `rules` (null: none were set, the retention of the options counts) outlive it.
class BatchReceiver final : public RecordReceiver {
 public:
  BatchReceiver(const Options& options, RequestDefaults defaults, Authorize authorize, BatchWriter& writer, IngestMetrics* metrics,
                const DeploymentRules* rules = nullptr);

  void log(std::size_t index, const DecodedLog& log) override;
  void point(std::size_t index, const DecodedPoint& point) override;
  void reject(std::size_t index, Error error) override;

  const IngestReport& report() const { return report_; }
  IngestReport take_report() { return std::move(report_); }

 private:
  // What was found out about a deployment name in this request.
  struct Known {
    std::string name;
    MaySend may_send;
    std::int64_t max_age_logs_ns = 0, max_age_points_ns = 0;
  };

  const Known* deployment(std::size_t index, std::string_view given, RecordKind kind);
  bool check_source(std::size_t index, std::string_view source, const SourceFilter& may_send_as);
  bool check_size(std::size_t index, std::size_t wire_bytes, std::size_t items, std::string_view items_name);
  bool check_name(std::size_t index, std::string_view name, std::string_view what);
  bool check_time(std::size_t index, Timestamp time, std::int64_t max_age_ns);
  bool check_labels(std::size_t index, const DecodedPoint& point, std::string_view& source);
  bool check_samples(std::size_t index, const DecodedPoint& point, std::string_view deployment);
  bool check_declared(std::size_t index, std::string_view deployment);
  // Tells what does not fit in the record at hand; false: the request is strict, and the record was rejected for it.
  bool set_aside(std::size_t index, Error error);
  void warn(std::size_t index, std::span<const Warning> warnings);

  const Options& options_;
  const RequestDefaults defaults_;
  const Authorize authorize_;
  BatchWriter& writer_;
  IngestMetrics* const metrics_;
  const std::vector<RetentionRule>& retention_;
  SampleRules sample_rules_;
  IngestReport report_;
  std::vector<Known> known_;
  std::vector<LabelView> labels_;  // of the point at hand, without source and without empty values
  std::vector<SampleView> samples_;  // of the point at hand, those that can be taken
  std::vector<Error> asides_;        // of the point at hand
  std::vector<Error> refusals_;      // the same: of samples that what is declared refuses
};

}  // namespace penstock::ingest
