// Prometheus text exposition format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/). Pure.
#pragma once

#include <string>
#include <string_view>

#include "metrics/bucket_histogram.hpp"

namespace penstock::metrics::text_format {

// # HELP and # TYPE lines.
void append_head(std::string& out, std::string_view name, std::string_view help, std::string_view type);
// name="value", with backslash, quote and line feed escaped.
void append_label(std::string& out, std::string_view name, std::string_view value);
// name{labels} and a blank; `labels` as rendered by append_label, with commas.
void append_name(std::string& out, std::string_view name, std::string_view labels);
// A number in shortest form, NaN, +Inf or -Inf.
void append_value(std::string& out, double value);
// A whole line.
void append_sample(std::string& out, std::string_view name, std::string_view labels, double value);
// The _bucket, _sum and _count lines.
void append_histogram(std::string& out, std::string_view name, std::string_view labels, const BucketHistogram::Snapshot& snapshot);

}  // namespace penstock::metrics::text_format
