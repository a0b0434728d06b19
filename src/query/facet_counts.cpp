#include "query/facet_counts.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <utility>

#include "penstock/core/json_elements.hpp"
#include "query/chunk_walk.hpp"
#include "query/shadowed_name.hpp"

namespace penstock::query {
namespace {

constexpr std::size_t kEntryBytes = 96;  // of the table beside the text
constexpr std::size_t kMaxElements = 1000;  // of one array

}  // namespace

FacetCounts::FacetCounts(std::string field, std::size_t max_distinct, ByteBudget::Lease& lease)
    : field_(std::move(field)),
      shadowed_(shadowed_field(field_)),
      kind_(field_ == "severity"     ? Kind::severity
            : field_ == "source"     ? Kind::source
            : field_ == "deployment" ? Kind::deployment
            : field_ == "message"    ? Kind::message
                                     : Kind::field),
      max_distinct_(max_distinct),
      lease_(lease),
      numbers_(lease) {}

void FacetCounts::add_columns(chunk::ColumnSelection& columns) const {
  switch (kind_) {
    case Kind::severity: columns.severities = true; break;
    case Kind::source: columns.sources = true; break;
    case Kind::message: columns.messages = true; break;
    case Kind::field:
      columns.fields.push_back(field_);
      if (!shadowed_.empty()) columns.fields.push_back(shadowed_);
      break;
    case Kind::deployment: break;
  }
}

Result<void> FacetCounts::add(std::string_view value, std::uint64_t count) {
  if (count == 0) return {};
  const auto found = counts_.find(value);
  if (found != counts_.end()) {
    found->second += count;
    return {};
  }
  if (counts_.size() >= max_distinct_) let_go();
  if (!lease_.grow(value.size() + kEntryBytes)) return memory_error();
  counts_.emplace(std::string(value), count);
  return {};
}

void FacetCounts::let_go() {
  approximate_ = true;
  std::vector<std::uint64_t> order;
  for (const auto& [value, count] : counts_) order.push_back(count);
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(order.size() / 2);
  std::nth_element(order.begin(), middle, order.end());
  std::size_t left = order.size() / 2 + 1;
  std::erase_if(counts_, [&](const auto& entry) {
    if (entry.second > *middle || left == 0) return false;
    --left;
    other_ += entry.second;
    lease_.shrink(entry.first.size() + kEntryBytes);
    return true;
  });
}

Result<void> FacetCounts::add_strings(const chunk::StringColumn& column, const RowMask& rows) {
  Result<void> result;
  if (!column.is_dictionary()) {
    rows.each([&](std::size_t row) {
      if (result) result = add(column[row], 1);
    });
    return result;
  }
  std::vector<std::uint64_t> counts(column.entry_count());
  rows.each([&](std::size_t row) { ++counts[column.index(row)]; });
  for (std::size_t e = 0; e < counts.size() && result; ++e) result = add(column.entry(e), counts[e]);
  return result;
}

Result<void> FacetCounts::add_value(const FieldValue& value) {
  if (auto ok = numbers_.add(value); !ok) return ok;
  if (value.type != FieldType::json) {
    text_.clear();
    append_text(text_, value);
    return add(text_, 1);
  }
  // A record counts once for each different element.
  std::set<std::string, std::less<>> elements;
  Result<void> result;
  each_json_element(value.text, [&](std::string_view element) {
    if (elements.size() < kMaxElements && !elements.contains(element)) elements.emplace(element);
    return elements.size() < kMaxElements;
  });
  approximate_ = approximate_ || elements.size() == kMaxElements;
  for (const std::string& element : elements) {
    if (result) result = add(element, 1);
  }
  return result;
}

Result<void> FacetCounts::add_values(const chunk::FieldValues& values, const RowMask& rows, RowMask& present) {
  for (std::size_t i = 0; i < values.count(); ++i) {
    const std::size_t row = values.row_of(i);
    if (!rows.test(row)) continue;
    present.set(row);
    if (auto ok = add_value(values.value(i)); !ok) return ok;
  }
  return {};
}

Result<void> FacetCounts::group(const chunk::LogChunkReader& reader, chunk::LogGroup& group, const RowMask& rows) {
  switch (kind_) {
    case Kind::deployment: return add(reader.meta().deployment, rows.count());
    case Kind::source: return add_strings(group.sources(), rows);
    case Kind::message: return add_strings(group.messages(), rows);
    case Kind::severity: {
      std::array<std::uint64_t, kSeverityCount> counts{};
      const auto severities = group.severities();
      rows.each([&](std::size_t row) { ++counts[std::min<std::size_t>(severities[row], kSeverityCount - 1)]; });
      for (std::size_t s = 0; s < kSeverityCount; ++s) {
        if (auto ok = add(severity_name(static_cast<Severity>(s)), counts[s]); !ok) return ok;
      }
      return {};
    }
    case Kind::field: break;
  }
  RowMask present(group.rows(), false);
  for (std::size_t c = 0; c < reader.columns().size(); ++c) {
    if (!is_asked(reader.columns()[c].name)) continue;
    const auto* values = group.field(c);
    if (values == nullptr) continue;
    if (auto ok = add_values(*values, rows, present); !ok) return ok;
  }
  missing_ += rows.count() - present.count();
  return {};
}

Result<void> FacetCounts::record(RecordId, const LogView& log) {
  switch (kind_) {
    case Kind::deployment: return add(log.deployment, 1);
    case Kind::source: return add(log.source, 1);
    case Kind::message: return add(log.message, 1);
    case Kind::severity: return add(severity_name(log.severity), 1);
    case Kind::field: break;
  }
  bool present = false;
  for (const auto& field : log.fields) {
    if (!is_asked(field.name)) continue;
    present = true;
    if (auto ok = add_value(field.value); !ok) return ok;
  }
  if (!present) ++missing_;
  return {};
}

Facets FacetCounts::take(std::uint32_t limit) {
  Facets out;
  out.field = field_;
  for (const auto& [value, count] : counts_) out.values.push_back({value, count});
  const auto first = [](const Facets::Value& a, const Facets::Value& b) {
    return a.count != b.count ? a.count > b.count : a.value < b.value;
  };
  const auto kept = std::min<std::size_t>(limit, out.values.size());
  std::partial_sort(out.values.begin(), out.values.begin() + static_cast<std::ptrdiff_t>(kept), out.values.end(),
                    first);
  for (std::size_t i = kept; i < out.values.size(); ++i) other_ += out.values[i].count;
  out.values.resize(kept);
  out.missing = missing_;
  out.other = other_;
  out.approximate = approximate_;
  out.numbers = numbers_.summary();
  return out;
}

}  // namespace penstock::query
