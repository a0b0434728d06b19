#include "query/log_query.hpp"

namespace penstock::query {

Stats& Stats::operator+=(const Stats& other) {
  chunks_read += other.chunks_read;
  bytes_read += other.bytes_read;
  records_scanned += other.records_scanned;
  elapsed_ms += other.elapsed_ms;
  partial = partial || other.partial;
  return *this;
}

FieldValue LogField::value() const { return FieldValue{type, text, integer, real}; }

LogRow LogRow::from(RecordId id, const LogView& view) {
  LogRow row;
  row.id = id;
  row.timestamp = view.timestamp;
  row.received_at = view.received_at;
  row.deployment = view.deployment;
  row.source = view.source;
  row.severity = view.severity;
  row.message = view.message;
  row.fields.reserve(view.fields.size());
  for (const auto& field : view.fields) {
    row.fields.push_back({std::string(field.name), field.value.type, std::string(field.value.text), field.value.integer,
                          field.value.real});
  }
  return row;
}

LogView LogRow::view(std::vector<FieldView>& scratch) const {
  scratch.clear();
  for (const auto& field : fields) scratch.push_back({field.name, field.value()});
  return LogView{timestamp, received_at, deployment, source, severity, message, scratch};
}

namespace {

// Short strings live inside their object.
std::size_t heap_bytes(const std::string& text) { return text.capacity() > 15 ? text.capacity() + 1 : 0; }

}  // namespace

std::size_t LogRow::size_bytes() const {
  std::size_t size = sizeof(LogRow) + heap_bytes(deployment) + heap_bytes(source) + heap_bytes(message);
  size += fields.capacity() * sizeof(LogField);
  for (const auto& field : fields) size += heap_bytes(field.name) + heap_bytes(field.text);
  return size;
}

Result<void> validate(const LogQuery& query) {
  if (query.limit < 1) return Error{ErrorCode::invalid_request, "limit must be at least 1.", "limit"};
  if (query.from > query.to) return Error{ErrorCode::invalid_request, "from lies after to: exchange them.", "from"};
  return {};
}

}  // namespace penstock::query
