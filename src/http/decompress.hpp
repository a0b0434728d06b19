// Unpacks request bodies while they arrive: gzip (RFC 1952), deflate (RFC 1950, and raw RFC 1951 as some clients send
// it), zstd (RFC 8878). Never trusts a declared size. Pure.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "penstock/core/result.hpp"

namespace penstock::http {

enum class ContentCoding { identity, gzip, deflate, zstd };

// A Content-Encoding value; nullopt when one of its codings is not known, or several pack. "identity", and what some clients
// write for it ("none", "utf-8"), says nothing.
std::optional<ContentCoding> parse_content_coding(std::string_view value);

struct UnpackLimits {
  // Unpacked: above is too_large. There is no bound on the ratio: logs that repeat themselves pack as well as any bomb, and this
  // bounds both.
  std::size_t max_bytes = 64 * 1024 * 1024;
  int zstd_window_log = 23;                   // 8 MiB, what RFC 9659 asks of every receiver
};

// Takes unpacked pieces in order.
class UnpackedSink {
 public:
  virtual ~UnpackedSink() = default;
  // An error stops the unpacking and is passed on.
  virtual Result<void> take(std::string_view piece) = 0;
};

// Not thread-safe. Errors are final: feed nothing after one.
class Decompressor {
 public:
  Decompressor(ContentCoding coding, UnpackLimits limits);
  ~Decompressor();
  Decompressor(Decompressor&&) noexcept;
  Decompressor& operator=(Decompressor&&) noexcept;

  // The most that the sink is given at once.
  static constexpr std::size_t kPiece = 16 * 1024;

  // Stops within a piece after `most` bytes were unpacked, and tells how many it consumed. bad_encoding (corrupt), too_large, or
  // what the sink answered. Several members or frames behind each other are one body.
  Result<std::size_t> feed(std::string_view packed, UnpackedSink& sink, std::size_t most = static_cast<std::size_t>(-1));
  // There is more to come of what was consumed: feed it nothing to have it.
  bool pending() const;
  // bad_encoding when the packed body was cut short. Call once, after the last feed().
  Result<void> finish();
  // Bytes the codec itself holds (a zstd window grows when its frame asks for it).
  std::size_t memory() const;

 private:
  struct Codec;
  struct Progress;
  struct Zlib;
  struct Zstd;
  std::unique_ptr<Progress> progress_;
  std::unique_ptr<Codec> codec_;  // null: identity
};

}  // namespace penstock::http
