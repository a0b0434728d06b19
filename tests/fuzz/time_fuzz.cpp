// rooms: core
// Any text as a time, a duration, a record id, a severity: refused or understood, and what was understood is spelled so that it
// reads back as the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "penstock/core/ids.hpp"
#include "penstock/core/severity.hpp"
#include "penstock/core/time.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace penstock;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto time = parse_timestamp(text)) {
    const auto back = parse_timestamp(format_rfc3339(*time));
    if (!back || *back != *time) std::abort();
  }
  for (const bool local : {false, true}) {
    const TimeSense sense{Timestamp{1'795'181'580 * kSecond}, local};
    if (const auto found = leading_time(text, sense); found && (found->size == 0 || found->size > text.size())) std::abort();
    static_cast<void>(parse_timestamp(text, sense));
  }
  static_cast<void>(is_unset_time(text));
  if (const auto duration = parse_duration(text); duration && *duration <= 0) std::abort();
  static_cast<void>(parse_query_time(text, {1'795'181'580 * kSecond}));
  static_cast<void>(parse_severity(text));
  if (const auto id = parse_record_id(text); id && to_string(*id) != text) std::abort();
  return 0;
}
