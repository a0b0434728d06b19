#include "ingest/report.hpp"

#include "penstock/core/record.hpp"

namespace penstock::ingest {

void IngestReport::reject(std::size_t index, Error error, std::size_t most_errors) {
  ++rejected;
  if (errors.size() < most_errors) errors.push_back({index, std::move(error)});
  if (!lists_rejected) return;
  if (!rejected_runs.empty() && rejected_runs.back().second + 1 == index) {
    rejected_runs.back().second = index;
  } else if (rejected_runs.size() < kMostRuns) {
    rejected_runs.emplace_back(index, index);
  }
}

void IngestReport::refuse_samples(std::size_t index, std::span<const Error> refusals, std::size_t most_errors) {
  rejected_samples += refusals.size();
  for (const Error& refusal : refusals) {
    if (sample_errors.size() >= most_errors) return;
    sample_errors.push_back({index, refusal});
  }
}

namespace {

void append_remarks(std::string& out, const std::vector<RecordRemark>& remarks) {
  out += '[';
  for (const RecordRemark& remark : remarks) {
    if (out.back() != '[') out += ',';
    out += "{\"index\":";
    out += std::to_string(remark.index);
    if (!remark.error.field.empty()) {
      out += ",\"field\":";
      append_json_string(out, remark.error.field);
    }
    out += ",\"code\":\"";
    out += error_name(remark.error.code);
    out += "\",\"message\":";
    append_json_string(out, remark.error.message);
    out += '}';
  }
  out += ']';
}

}  // namespace

void append_json_members(std::string& out, const IngestReport& report) {
  out += "\"accepted\":";
  out += std::to_string(report.accepted);
  out += ",\"rejected\":";
  out += std::to_string(report.rejected);
  out += ",\"errors\":";
  append_remarks(out, report.errors);
  out += ",\"warnings\":";
  append_remarks(out, report.warnings);
  if (report.rejected_samples > 0) {
    out += ",\"rejected_samples\":" + std::to_string(report.rejected_samples) + ",\"sample_errors\":";
    append_remarks(out, report.sample_errors);
  }
  if (!report.lists_rejected) return;
  out += ",\"rejected_indexes\":[";
  for (const auto& [from, to] : report.rejected_runs) {
    if (!out.ends_with('[')) out += ',';
    out += '[' + std::to_string(from) + ',' + std::to_string(to) + ']';
  }
  out += ']';
}

std::string to_json(const IngestReport& report) {
  std::string out = "{";
  append_json_members(out, report);
  out += '}';
  return out;
}

}  // namespace penstock::ingest
