// rooms: decode
// Events as forms and as JSON: one record at most of a form, and what is accepted is valid UTF-8.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "decode_fuzz_receiver.hpp"
#include "decode/event_decoder.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  penstock::DecodeOptions options;
  options.max_record_bytes = 4096;
  options.max_fields = 20;
  penstock::fuzz::CheckingReceiver receiver;
  const auto result = penstock::decode::EventDecoder().decode(body, options, receiver);
  if (result.has_value() != (receiver.next() > 0)) std::abort();
  return 0;
}
