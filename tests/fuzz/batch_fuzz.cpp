// rooms: core
// Any bytes as a batch: an error or records, never a read outside; and what was read can be written and read again, as far as it is text: a
// writer is given nothing else (it asserts that).
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/unicode.hpp"
#include "penstock/core/batch.hpp"

namespace {

bool is_text(std::string_view bytes) { return penstock::clean_utf8_prefix(bytes) == bytes.size(); }
bool is_text(const penstock::LogView& log) {
  return is_text(log.deployment) && is_text(log.source) && is_text(log.message) &&
         std::all_of(log.fields.begin(), log.fields.end(), [](const auto& field) { return is_text(field.name) && is_text(field.value.text); });
}
bool is_text(const penstock::PointView& point) {
  return is_text(point.deployment) && is_text(point.source) &&
         std::all_of(point.labels.begin(), point.labels.end(), [](const auto& label) { return is_text(label.name) && is_text(label.value); }) &&
         std::all_of(point.samples.begin(), point.samples.end(), [](const auto& sample) { return is_text(sample.name); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace penstock;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static_cast<void>(BatchReader::idempotency(bytes));
  BatchReader reader(bytes);
  BatchWriter writer;
  RecordView record;
  while (reader.next(record)) {
    if (record.kind == RecordKind::log) {
      if (is_text(record.log)) writer.add(record.log);
    } else if (is_text(record.point)) {
      writer.add(record.point);
    }
  }
  const std::size_t count = writer.record_count();
  const std::string again = writer.take();
  BatchReader second(again);
  std::size_t read = 0;
  while (second.next(record)) ++read;
  if (second.error() != nullptr || read != count) std::abort();
  return 0;
}
