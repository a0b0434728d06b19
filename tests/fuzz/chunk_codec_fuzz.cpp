// rooms: chunk
// Codecs take any bytes: they decode or refuse, and what decodes is encoded and decoded to the same again.
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "chunk/codec/integer_codec.hpp"
#include "chunk/codec/presence_codec.hpp"
#include "chunk/codec/real_codec.hpp"
#include "chunk/codec/string_codec.hpp"
#include "chunk/compressor.hpp"
#include "chunk/token_filter.hpp"

namespace {

using namespace penstock;
using namespace penstock::chunk;

void require(bool holds) {
  if (!holds) std::abort();
}

void integers(ByteReader in, std::size_t count) {
  std::vector<std::int64_t> values, again;
  if (!decode_integers(in, count, values)) return;
  std::string bytes;
  encode_integers(bytes, values);
  ByteReader back(bytes);
  require(decode_integers(back, count, again) && back.done() && again == values);
}

void reals(ByteReader in, std::size_t count) {
  std::vector<double> values, again;
  if (!decode_reals(in, count, values)) return;
  std::string bytes;
  encode_reals(bytes, values);
  ByteReader back(bytes);
  require(decode_reals(back, count, again) && back.done());
  for (std::size_t i = 0; i < count; ++i) require(std::bit_cast<std::uint64_t>(values[i]) == std::bit_cast<std::uint64_t>(again[i]));
}

void strings(ByteReader in, std::size_t count) {
  StringColumn column;
  if (!StringColumnDecoder::decode(in, count, column)) return;
  std::size_t total = 0;
  for (std::size_t i = 0; i < column.size(); ++i) total += column[i].size();
  require(column.size() == count || count == 0);
  require(total <= SIZE_MAX / 2);
}

void presence(ByteReader in, std::size_t count) {
  std::vector<std::uint32_t> rows;
  std::size_t present = 0;
  if (!decode_presence(in, count, rows, present)) return;
  require(present <= count);
  for (std::size_t i = 0; i < rows.size(); ++i) require(rows[i] < count && (i == 0 || rows[i] > rows[i - 1]));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string text(data, data + size);
  const std::size_t count = data[1] | static_cast<std::size_t>(data[2]) << 8;
  const std::string_view rest = std::string_view(text).substr(3);
  switch (data[0] % 6) {
    case 0: integers(ByteReader(rest), count); break;
    case 1: reals(ByteReader(rest), count); break;
    case 2: strings(ByteReader(rest), count); break;
    case 3: presence(ByteReader(rest), count); break;
    case 4: {
      Decompressor decompressor;
      const auto plain = decompressor.unpack(rest);
      require(plain || plain.error().code == ErrorCode::corrupt);
      break;
    }
    default: {
      const auto filter = TokenFilter::parse(std::string(rest));
      if (filter) require(filter->may_contain(count) || !rest.empty());
      break;
    }
  }
  return 0;
}
