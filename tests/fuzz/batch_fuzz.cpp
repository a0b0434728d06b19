// rooms: core
// Any bytes as a batch: an error or records, never a read outside; and what was read can be written and read again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "penstock/core/batch.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace penstock;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static_cast<void>(BatchReader::idempotency(bytes));
  BatchReader reader(bytes);
  BatchWriter writer;
  RecordView record;
  while (reader.next(record)) {
    if (record.kind == RecordKind::log) {
      writer.add(record.log);
    } else {
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
