// zstd, applied where it pays: one byte tells whether what follows is compressed.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "penstock/core/result.hpp"

namespace penstock::chunk {

// Unpacked blocks above this are taken for corrupt.
inline constexpr std::size_t kMaxBlockBytes = 256u << 20;

// Keeps a zstd context (about 1 MiB at low levels). Not thread-safe.
class Compressor {
 public:
  explicit Compressor(int level);
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  // The packed form of `plain`; stored as it is when zstd would not save a sixteenth.
  std::string pack(std::string_view plain);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The reverse; corrupt when the bytes are not such a form.
class Decompressor {
 public:
  Decompressor();
  ~Decompressor();
  Decompressor(Decompressor&&) noexcept;
  Decompressor& operator=(Decompressor&&) noexcept;

  Result<std::string> unpack(std::string_view packed);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::chunk
