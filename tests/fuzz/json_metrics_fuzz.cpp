// rooms: decode
// Native JSON of metrics: no byte outside the body is read, indexes come in order, and what is accepted is valid UTF-8.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "decode_fuzz_receiver.hpp"
#include "decode/json_decoder.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  penstock::DecodeOptions options;
  options.kind = penstock::RecordKind::metric;
  options.max_record_bytes = 4096;
  options.max_fields = 20;
  options.max_depth = 8;
  options.time_field = "when,meta.at";
  penstock::fuzz::CheckingReceiver receiver;
  const auto result = penstock::decode::JsonDecoder().decode(body, options, receiver);
  if (result.has_value() != (receiver.next() > 0)) std::abort();
  return 0;
}
