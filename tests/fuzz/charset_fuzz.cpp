// rooms: decode
// Bodies in any character set: what they become is valid UTF-8 and no larger than was said. The first byte picks the content type.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/unicode.hpp"
#include "decode/charset.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::string_view kTypes[] = {"", "text/plain; charset=iso-8859-1", "application/json;charset=\"utf-16le\"", "text/json; charset=utf-16be; x"};
  const std::string_view type = kTypes[data[0] % 4];
  const std::string_view body(reinterpret_cast<const char*>(data + 1), size - 1);
  const penstock::decode::Charset charset = penstock::decode::charset_of(body, type);
  const std::string text = penstock::decode::to_utf8(body, charset);
  if (text.size() > penstock::decode::most_utf8_bytes(body, charset)) std::abort();
  if (charset == penstock::decode::Charset::utf8 ? text != body : !penstock::is_valid_utf8(text)) std::abort();
  return 0;
}
