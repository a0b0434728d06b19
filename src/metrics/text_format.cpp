#include "metrics/text_format.hpp"

#include <charconv>
#include <cmath>

namespace penstock::metrics::text_format {
namespace {

void append_escaped(std::string& out, std::string_view text, bool in_quotes) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\\' || (in_quotes && c == '"')) {
      out += '\\';
      out += c;
    } else {
      out += c;
    }
  }
}

}  // namespace

void append_head(std::string& out, std::string_view name, std::string_view help, std::string_view type) {
  out.append("# HELP ").append(name) += ' ';
  append_escaped(out, help, false);
  out.append("\n# TYPE ").append(name) += ' ';
  out.append(type) += '\n';
}

void append_label(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append("=\"");
  append_escaped(out, value, true);
  out += '"';
}

void append_name(std::string& out, std::string_view name, std::string_view labels) {
  out.append(name);
  if (!labels.empty()) out.append("{").append(labels).append("}");
  out += ' ';
}

void append_value(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    char buffer[32];
    // Plain digits where they are few: le="0.0005" is how bounds are spelled everywhere.
    const double size = std::fabs(value);
    const bool plain = value == 0 || (size >= 1e-6 && size < 1e15);
    const auto end = plain ? std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed).ptr
                           : std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    out.append(buffer, static_cast<std::size_t>(end - buffer));
  }
}

void append_sample(std::string& out, std::string_view name, std::string_view labels, double value) {
  append_name(out, name, labels);
  append_value(out, value);
  out += '\n';
}

void append_histogram(std::string& out, std::string_view name, std::string_view labels, const BucketHistogram::Snapshot& snapshot) {
  const std::string bucket = std::string(name) + "_bucket";
  const auto append_bucket = [&](double bound, std::uint64_t count) {
    std::string with_bound(labels);
    std::string bound_text;
    append_value(bound_text, bound);
    if (!with_bound.empty()) with_bound += ',';
    append_label(with_bound, "le", bound_text);
    append_sample(out, bucket, with_bound, static_cast<double>(count));
  };
  for (std::size_t i = 0; i < BucketHistogram::kBounds.size(); ++i) append_bucket(BucketHistogram::kBounds[i], snapshot.cumulative[i]);
  append_bucket(INFINITY, snapshot.count());
  append_sample(out, std::string(name) + "_sum", labels, snapshot.sum);
  append_sample(out, std::string(name) + "_count", labels, static_cast<double>(snapshot.count()));
}

}  // namespace penstock::metrics::text_format
