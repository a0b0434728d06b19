// rooms: http
// The first byte chooses the coding, the second the size of the pieces. Whatever comes: no more than the limit is
// unpacked.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "http/decompress.hpp"

using namespace penstock::http;

namespace {

class Bounded final : public UnpackedSink {
 public:
  penstock::Result<void> take(std::string_view piece) override {
    bytes_ += piece.size();
    if (bytes_ > 4 << 20) std::abort();
    return {};
  }

 private:
  std::size_t bytes_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const ContentCoding codings[] = {ContentCoding::gzip, ContentCoding::deflate, ContentCoding::zstd,
      ContentCoding::identity};
  UnpackLimits limits;
  limits.max_bytes = 4 << 20;
  Decompressor decompressor(codings[data[0] % 4], limits);
  Bounded sink;
  std::string_view bytes(static_cast<const char*>(static_cast<const void*>(data + 2)), size - 2);
  const std::size_t step = 1 + data[1];
  while (!bytes.empty() || decompressor.pending()) {
    const auto consumed = decompressor.feed(bytes.substr(0, step), sink, 50'000);
    if (!consumed) return 0;
    bytes.remove_prefix(*consumed);
  }
  (void)decompressor.finish();
  return 0;
}
