#include "http/decompress.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <new>
#include <string>

#include "http/request_head.hpp"

namespace penstock::http {
namespace {

constexpr std::size_t kNoLimit = static_cast<std::size_t>(-1);

Error corrupt() {
  return {ErrorCode::bad_encoding, "The body cannot be unpacked as its Content-Encoding says.", "Content-Encoding"};
}

Error cut_short() { return {ErrorCode::bad_encoding, "The packed body ends too early.", "Content-Encoding"}; }

// inflate() takes a pointer to what it does not change.
Bytef* zlib_input(const char* bytes) {
  return const_cast<Bytef*>(static_cast<const Bytef*>(static_cast<const void*>(bytes)));
}

}  // namespace

namespace {

// What says that nothing was packed, also in the words of clients that mean a character set.
bool is_no_coding(std::string_view value) {
  for (const std::string_view harmless : {"", "identity", "none", "utf-8", "utf8"}) {
    if (equals_ignoring_case(value, harmless)) return true;
  }
  return false;
}

std::optional<ContentCoding> coding_named(std::string_view value) {
  if (equals_ignoring_case(value, "gzip") || equals_ignoring_case(value, "x-gzip")) return ContentCoding::gzip;
  if (equals_ignoring_case(value, "deflate")) return ContentCoding::deflate;
  if (equals_ignoring_case(value, "zstd")) return ContentCoding::zstd;
  return std::nullopt;
}

}  // namespace

std::optional<ContentCoding> parse_content_coding(std::string_view value) {
  ContentCoding coding = ContentCoding::identity;
  for (bool more = true; more;) {
    const std::size_t comma = value.find(',');
    std::string_view one = value.substr(0, comma);
    while (!one.empty() && (one.front() == ' ' || one.front() == '\t')) one.remove_prefix(1);
    while (!one.empty() && (one.back() == ' ' || one.back() == '\t')) one.remove_suffix(1);
    if (!is_no_coding(one)) {
      const std::optional<ContentCoding> named = coding_named(one);
      if (!named || coding != ContentCoding::identity) return std::nullopt;
      coding = *named;
    }
    more = comma != std::string_view::npos;
    if (more) value.remove_prefix(comma + 1);
  }
  return coding;
}

// Counts, and holds the limits.
struct Decompressor::Progress {
  UnpackLimits limits;
  std::size_t unpacked = 0;
  bool any = false;  // a packed byte came

  Result<void> pass(std::string_view piece, UnpackedSink& sink) {
    if (piece.empty()) return {};
    unpacked += piece.size();
    if (unpacked > limits.max_bytes) {
      return Error{ErrorCode::too_large,
                   "The unpacked body is larger than the limit of " + std::to_string(limits.max_bytes) +
                       " bytes: send less at once.", ""};
    }
    return sink.take(piece);
  }
};

struct Decompressor::Codec {
  virtual ~Codec() = default;
  // Until so many bytes in all were unpacked.
  virtual Result<std::size_t> feed(std::string_view packed, Progress& progress, UnpackedSink& sink, std::size_t until) = 0;
  virtual bool complete() const = 0;
  virtual std::size_t memory() const = 0;

  bool full = false;  // the last piece was, so there may be more
};

struct Decompressor::Zlib final : Codec {
  explicit Zlib(bool gzip) : sniff(!gzip) {
    if (gzip) open(15 + 16);
  }
  ~Zlib() override {
    if (opened) inflateEnd(&stream);
  }

  void open(int window_bits) {
    if (inflateInit2(&stream, window_bits) != Z_OK) throw std::bad_alloc();
    opened = true;
  }

  Result<std::size_t> feed(std::string_view packed, Progress& progress, UnpackedSink& sink, std::size_t until) override {
    const std::size_t size = packed.size();
    if (sniff) {
      // The first two bytes tell a zlib wrapper from raw deflate.
      while (held.size() < 2 && !packed.empty()) {
        held += packed.front();
        packed.remove_prefix(1);
      }
      if (held.size() < 2) return size;
      const auto first = static_cast<unsigned char>(held[0]), second = static_cast<unsigned char>(held[1]);
      const bool wrapped = (first & 0x0f) == 8 && (first * 256 + second) % 31 == 0;
      sniff = false;
      open(wrapped ? 15 : -15);
      const Result<std::size_t> begun = inflate_some(held, progress, sink, until);
      if (!begun) return begun;
    }
    const std::size_t sniffed = size - packed.size();
    Result<std::size_t> consumed = inflate_some(packed, progress, sink, until);
    if (consumed) consumed = *consumed + sniffed;
    return consumed;
  }

  Result<std::size_t> inflate_some(std::string_view packed, Progress& progress, UnpackedSink& sink, std::size_t until) {
    std::array<char, kPiece> out;
    stream.next_in = zlib_input(packed.data());
    stream.avail_in = static_cast<uInt>(packed.size());
    while ((stream.avail_in > 0 || full) && progress.unpacked < until) {
      if (at_end) {
        full = false;
        // Another gzip member may follow; a deflate body is one stream.
        if (stream.avail_in == 0) break;
        if (!members || inflateReset(&stream) != Z_OK) return corrupt();
        at_end = false;
      }
      stream.next_out = static_cast<Bytef*>(static_cast<void*>(out.data()));
      stream.avail_out = static_cast<uInt>(out.size());
      const int code = inflate(&stream, Z_NO_FLUSH);
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) return corrupt();
      Result<void> passed = progress.pass({out.data(), out.size() - stream.avail_out}, sink);
      if (!passed) return passed.error();
      full = stream.avail_out == 0;
      if (code == Z_STREAM_END) at_end = true;
      if (code == Z_BUF_ERROR && !full && stream.avail_in > 0) return corrupt();
    }
    return packed.size() - stream.avail_in;
  }

  bool complete() const override { return at_end; }
  std::size_t memory() const override { return 48 * 1024; }

  z_stream stream{};
  bool sniff, opened = false, at_end = false;
  const bool members = !sniff;
  std::string held;
};

struct Decompressor::Zstd final : Codec {
  explicit Zstd(int window_log) : stream(ZSTD_createDStream()) {
    if (stream == nullptr) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, window_log);
  }
  ~Zstd() override { ZSTD_freeDStream(stream); }

  Result<std::size_t> feed(std::string_view packed, Progress& progress, UnpackedSink& sink, std::size_t until) override {
    std::array<char, kPiece> bytes;
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    while ((in.pos < in.size || full) && progress.unpacked < until) {
      ZSTD_outBuffer out{bytes.data(), bytes.size(), 0};
      const std::size_t before = in.pos;
      const std::size_t hint = ZSTD_decompressStream(stream, &out, &in);
      if (ZSTD_isError(hint) != 0) return corrupt();
      at_end = hint == 0;
      Result<void> passed = progress.pass({bytes.data(), out.pos}, sink);
      if (!passed) return passed.error();
      // At the end of a frame a further call would open the next one.
      full = out.pos == out.size && !at_end;
      if (in.pos == before && out.pos == 0 && in.pos < in.size) return corrupt();
    }
    return in.pos;
  }

  bool complete() const override { return at_end; }
  std::size_t memory() const override { return ZSTD_sizeof_DStream(stream); }

  ZSTD_DStream* stream;
  bool at_end = false;
};

Decompressor::Decompressor(ContentCoding coding, UnpackLimits limits) : progress_(std::make_unique<Progress>()) {
  progress_->limits = limits;
  switch (coding) {
    case ContentCoding::identity: break;
    case ContentCoding::gzip: codec_ = std::make_unique<Zlib>(true); break;
    case ContentCoding::deflate: codec_ = std::make_unique<Zlib>(false); break;
    case ContentCoding::zstd: codec_ = std::make_unique<Zstd>(limits.zstd_window_log); break;
  }
}

Decompressor::~Decompressor() = default;
Decompressor::Decompressor(Decompressor&&) noexcept = default;
Decompressor& Decompressor::operator=(Decompressor&&) noexcept = default;

Result<std::size_t> Decompressor::feed(std::string_view packed, UnpackedSink& sink, std::size_t most) {
  progress_->any = progress_->any || !packed.empty();
  if (codec_) return codec_->feed(packed, *progress_, sink, progress_->unpacked + std::min(most, kNoLimit - progress_->unpacked));
  if (const Result<void> passed = progress_->pass(packed, sink); !passed) return passed.error();
  return packed.size();
}

bool Decompressor::pending() const { return codec_ && codec_->full; }

Result<void> Decompressor::finish() {
  // No bytes at all is an empty body in every coding: clients send that.
  if (codec_ && progress_->any && !codec_->complete()) return cut_short();
  return {};
}

std::size_t Decompressor::memory() const { return codec_ ? codec_->memory() : 0; }

}  // namespace penstock::http
