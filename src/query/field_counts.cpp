#include "query/field_counts.hpp"

#include <utility>

#include "query/chunk_walk.hpp"
#include "query/shadowed_name.hpp"

namespace penstock::query {

Result<FieldCounts::Seen*> FieldCounts::seen(std::string_view name) {
  const auto found = fields_.find(name);
  if (found != fields_.end()) return &found->second;
  if (fields_.size() >= kMaxNames) {
    approximate_ = true;
    return static_cast<Seen*>(nullptr);
  }
  if (!lease_.grow(name.size() + sizeof(Seen) + 80)) return memory_error();
  return &fields_.emplace(std::string(name), Seen{}).first->second;
}

Result<void> FieldCounts::group(const chunk::LogChunkReader& reader, chunk::LogGroup& group, const RowMask& rows) {
  const auto& columns = reader.columns();
  std::map<std::string_view, RowMask> present;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const auto* values = group.field(c);
    if (values == nullptr) continue;
    const std::string_view name = shown_field_name(columns[c].name);
    auto [mask, added] = present.try_emplace(name, group.rows(), false);
    bool any = false;
    for (std::size_t i = 0; i < values->count(); ++i) {
      if (!rows.test(values->row_of(i))) continue;
      mask->second.set(values->row_of(i));
      any = true;
    }
    if (!any) continue;
    auto entry = seen(name);
    if (!entry) return std::move(entry).error();
    if (*entry != nullptr) {
      (*entry)->types = static_cast<std::uint8_t>((*entry)->types | (1u << static_cast<unsigned>(columns[c].type)));
    }
  }
  for (const auto& [name, mask] : present) {
    const auto count = mask.count();
    const auto found = fields_.find(name);
    if (count > 0 && found != fields_.end()) found->second.count += count;
  }
  records_ += rows.count();
  return {};
}

Result<void> FieldCounts::record(RecordId, const LogView& log) {
  ++records_;
  for (const auto& field : log.fields) {
    auto entry = seen(shown_field_name(field.name));
    if (!entry) return std::move(entry).error();
    Seen* const found = *entry;
    if (found == nullptr) continue;
    found->types = static_cast<std::uint8_t>(found->types | (1u << static_cast<unsigned>(field.value.type)));
    if (found->last_record == records_) continue;
    found->last_record = records_;
    ++found->count;
  }
  return {};
}

FieldList FieldCounts::take() {
  FieldList out;
  out.approximate = approximate_;
  for (const char* name : {"source", "severity", "deployment"}) {
    out.fields.push_back({name, {FieldType::string}, records_});
  }
  for (const auto& [name, entry] : fields_) {
    FieldList::Field field{name, {}, entry.count};
    for (unsigned t = 0; t <= static_cast<unsigned>(FieldType::json); ++t) {
      if (((entry.types >> t) & 1u) != 0) field.types.push_back(static_cast<FieldType>(t));
    }
    out.fields.push_back(std::move(field));
  }
  return out;
}

}  // namespace penstock::query
