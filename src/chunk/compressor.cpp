#include "chunk/compressor.hpp"

#include <zstd.h>

#include <algorithm>

#include "base/bytes.hpp"
#include "chunk/corrupt.hpp"

namespace penstock::chunk {
namespace {

enum class Form : std::uint8_t { stored = 0, zstd = 1 };

// Shorter input never pays for a frame header.
constexpr std::size_t kWorthTrying = 48;
// zstd cannot shrink further than a run-length block: 128 KiB in 4 bytes. Claims beyond are lies, and must not cost memory.
constexpr std::size_t kMaxRatio = 32768;

}  // namespace

struct Compressor::State {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  int level = 1;
  std::string buffer;
};

Compressor::Compressor(int level) : state_(std::make_unique<State>()) {
  state_->level = std::clamp(level, -5, 19);
  ZSTD_CCtx_setParameter(state_->context, ZSTD_c_compressionLevel, state_->level);
  ZSTD_CCtx_setParameter(state_->context, ZSTD_c_contentSizeFlag, 0);
  ZSTD_CCtx_setParameter(state_->context, ZSTD_c_checksumFlag, 0);
}

Compressor::~Compressor() { ZSTD_freeCCtx(state_->context); }

std::string Compressor::pack(std::string_view plain) {
  std::string out;
  if (plain.size() >= kWorthTrying) {
    auto& buffer = state_->buffer;
    buffer.resize(ZSTD_compressBound(plain.size()));
    const std::size_t size = ZSTD_compress2(state_->context, buffer.data(), buffer.size(), plain.data(), plain.size());
    if (!ZSTD_isError(size) && size + kMaxVarintBytes < plain.size() - plain.size() / 16) {
      out.reserve(size + kMaxVarintBytes + 1);
      out.push_back(static_cast<char>(Form::zstd));
      append_varint(out, plain.size());
      out.append(buffer, 0, size);
      return out;
    }
  }
  out.reserve(plain.size() + 1);
  out.push_back(static_cast<char>(Form::stored));
  out.append(plain);
  return out;
}

struct Decompressor::State {
  ZSTD_DCtx* context = ZSTD_createDCtx();
  ~State() { ZSTD_freeDCtx(context); }
};

Decompressor::Decompressor() : state_(std::make_unique<State>()) {}
Decompressor::~Decompressor() = default;
Decompressor::Decompressor(Decompressor&&) noexcept = default;
Decompressor& Decompressor::operator=(Decompressor&&) noexcept = default;

Result<std::string> Decompressor::unpack(std::string_view packed) {
  ByteReader in(packed);
  std::uint8_t form = 0;
  if (!in.byte(form)) return corrupt("an empty block");
  if (form == static_cast<std::uint8_t>(Form::stored)) return std::string(packed.substr(1));
  std::uint64_t size = 0;
  if (form != static_cast<std::uint8_t>(Form::zstd) || !in.varint(size)) return corrupt("an unknown block form");
  const std::string_view frame = packed.substr(in.position());
  if (size > kMaxBlockBytes || size / kMaxRatio > frame.size()) return corrupt("an impossible block size");
  std::string out(static_cast<std::size_t>(size), '\0');
  const std::size_t got = ZSTD_decompressDCtx(state_->context, out.data(), out.size(), frame.data(), frame.size());
  if (ZSTD_isError(got) || got != out.size()) return corrupt("a compressed block");
  return out;
}

}  // namespace penstock::chunk
