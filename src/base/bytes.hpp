// Writing and reading of binary forms: little-endian fixed integers, LEB128 varints, zigzag, length-prefixed bytes.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace penstock::inline base {

inline constexpr std::size_t kMaxVarintBytes = 10;

constexpr std::uint64_t zigzag_encode(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t zigzag_decode(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

// Writes at `out`, which has room for kMaxVarintBytes; returns the end of what was written.
inline char* write_varint(char* out, std::uint64_t value) {
  while (value >= 0x80) {
    *out++ = static_cast<char>(static_cast<unsigned char>(value | 0x80));
    value >>= 7;
  }
  *out++ = static_cast<char>(value);
  return out;
}

template <class UInt>
inline char* write_fixed(char* out, UInt value) {
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(out, &value, sizeof value);
  } else {
    for (std::size_t i = 0; i < sizeof value; ++i) out[i] = static_cast<char>((value >> (8 * i)) & 0xff);
  }
  return out + sizeof value;
}

template <class UInt>
inline UInt read_fixed(const char* at) {
  UInt value = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&value, at, sizeof value);
  } else {
    for (std::size_t i = sizeof value; i-- > 0;) {
      value = static_cast<UInt>((value << 8) | static_cast<unsigned char>(at[i]));
    }
  }
  return value;
}

inline void append_varint(std::string& out, std::uint64_t value) {
  char buffer[kMaxVarintBytes];
  out.append(buffer, static_cast<std::size_t>(write_varint(buffer, value) - buffer));
}
inline void append_zigzag(std::string& out, std::int64_t value) { append_varint(out, zigzag_encode(value)); }
inline void append_fixed16(std::string& out, std::uint16_t value) {
  char buffer[sizeof value];
  write_fixed(buffer, value);
  out.append(buffer, sizeof value);
}
inline void append_fixed32(std::string& out, std::uint32_t value) {
  char buffer[sizeof value];
  write_fixed(buffer, value);
  out.append(buffer, sizeof value);
}
inline void append_fixed64(std::string& out, std::uint64_t value) {
  char buffer[sizeof value];
  write_fixed(buffer, value);
  out.append(buffer, sizeof value);
}
// The 8 bytes of the IEEE 754 double; every bit pattern survives.
inline void append_double(std::string& out, double value) { append_fixed64(out, std::bit_cast<std::uint64_t>(value)); }
// Varint of the length, then the bytes.
inline void append_sized(std::string& out, std::string_view bytes) {
  append_varint(out, bytes.size());
  out.append(bytes);
}

// Reads a view front to back. Every call answers false on short or malformed input and then stays where it was; the views
// it gives point into the input.
class ByteReader {
 public:
  explicit ByteReader(std::string_view input) : begin_(input.data()), at_(begin_), end_(begin_ + input.size()) {}

  // At most ten bytes; an encoding that does not fit 64 bits is malformed.
  bool varint(std::uint64_t& out) {
    if (at_ != end_ && static_cast<unsigned char>(*at_) < 0x80) [[likely]] {
      out = static_cast<unsigned char>(*at_++);
      return true;
    }
    return long_varint(out);
  }
  bool zigzag(std::int64_t& out) {
    std::uint64_t raw = 0;
    if (!varint(raw)) return false;
    out = zigzag_decode(raw);
    return true;
  }
  bool fixed16(std::uint16_t& out) { return fixed(out); }
  bool fixed32(std::uint32_t& out) { return fixed(out); }
  bool fixed64(std::uint64_t& out) { return fixed(out); }
  bool real(double& out) {
    std::uint64_t bits = 0;
    if (!fixed(bits)) return false;
    out = std::bit_cast<double>(bits);
    return true;
  }
  bool byte(std::uint8_t& out) {
    if (at_ == end_) return false;
    out = static_cast<unsigned char>(*at_++);
    return true;
  }
  bool bytes(std::size_t size, std::string_view& out) {
    if (remaining() < size) return false;
    out = std::string_view(at_, size);
    at_ += size;
    return true;
  }
  bool sized(std::string_view& out) {
    const char* const start = at_;
    std::uint64_t size = 0;
    if (varint(size) && size <= remaining()) {
      out = std::string_view(at_, static_cast<std::size_t>(size));
      at_ += size;
      return true;
    }
    at_ = start;
    return false;
  }

  std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }
  bool done() const { return at_ == end_; }
  std::size_t position() const { return static_cast<std::size_t>(at_ - begin_); }

 private:
  bool long_varint(std::uint64_t& out) {
    std::uint64_t value = 0;
    const char* at = at_;
    for (unsigned shift = 0; shift < 64 && at != end_; shift += 7) {
      const auto byte = static_cast<unsigned char>(*at++);
      if (shift == 63 && byte > 1) return false;
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) {
        out = value;
        at_ = at;
        return true;
      }
    }
    return false;
  }
  template <class UInt>
  bool fixed(UInt& out) {
    if (remaining() < sizeof out) return false;
    out = read_fixed<UInt>(at_);
    at_ += sizeof out;
    return true;
  }

  const char* begin_;
  const char* at_;
  const char* end_;
};

}  // namespace penstock::inline base
