#include "journal/segment_format.hpp"

#include <charconv>
#include <cstdio>

#include "base/bytes.hpp"
#include "base/crc32c.hpp"

namespace penstock::journal {
namespace {

constexpr std::uint64_t kSegmentMagic = 0x3147455350545350;  // "PSTPSEG1" as bytes
constexpr std::uint32_t kFrameMagic = 0x31465350;            // "PSF1" as bytes
constexpr std::uint16_t kVersion = 1;
constexpr std::string_view kSuffix = ".segment";
constexpr std::size_t kFirstDigits = 20, kIdDigits = 16;

std::uint64_t bits(std::int64_t value) { return static_cast<std::uint64_t>(value); }
std::int64_t signed_of(std::uint64_t value) { return static_cast<std::int64_t>(value); }

template <class T>
bool parse_exactly(std::string_view text, T& out, int base) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::string segment_file_name(SegmentName name) {
  char text[64];
  std::snprintf(text, sizeof text, "%020llu-%016llx", static_cast<unsigned long long>(name.first),
                static_cast<unsigned long long>(name.id));
  return std::string(text).append(kSuffix);
}

std::optional<SegmentName> parse_segment_file_name(std::string_view file) {
  if (file.size() != kFirstDigits + 1 + kIdDigits + kSuffix.size() || !file.ends_with(kSuffix) || file[kFirstDigits] != '-') {
    return std::nullopt;
  }
  SegmentName name;
  if (!parse_exactly(file.substr(0, kFirstDigits), name.first, 10)) return std::nullopt;
  if (!parse_exactly(file.substr(kFirstDigits + 1, kIdDigits), name.id, 16)) return std::nullopt;
  return name;
}

std::string encode_segment_header(const SegmentHeader& header) {
  std::string out;
  append_fixed64(out, kSegmentMagic);
  append_fixed32(out, kVersion);
  append_fixed32(out, static_cast<std::uint32_t>(kSegmentHeaderBytes));
  append_fixed64(out, header.id);
  append_fixed64(out, bits(header.journal.value));
  append_fixed64(out, header.key);
  append_fixed64(out, bits(header.created_at.ns));
  append_fixed64(out, header.stepped_from);
  append_fixed32(out, header.renumbered);
  out.resize(kSegmentHeaderBytes - sizeof(std::uint32_t), '\0');
  append_fixed32(out, crc32c(out));
  return out;
}

std::optional<SegmentHeader> decode_segment_header(std::string_view bytes) {
  if (bytes.size() < kSegmentHeaderBytes) return std::nullopt;
  bytes = bytes.substr(0, kSegmentHeaderBytes);
  ByteReader in(bytes);
  std::uint64_t magic = 0, journal = 0, created = 0;
  std::uint32_t version = 0, size = 0;
  SegmentHeader header;
  in.fixed64(magic);
  in.fixed32(version);
  in.fixed32(size);
  in.fixed64(header.id);
  in.fixed64(journal);
  in.fixed64(header.key);
  in.fixed64(created);
  in.fixed64(header.stepped_from);
  in.fixed32(header.renumbered);
  const std::size_t crc_at = kSegmentHeaderBytes - sizeof(std::uint32_t);
  if (magic != kSegmentMagic || version != kVersion || size != kSegmentHeaderBytes ||
      read_fixed<std::uint32_t>(bytes.data() + crc_at) != crc32c(bytes.substr(0, crc_at))) {
    return std::nullopt;
  }
  header.journal.value = signed_of(journal);
  header.created_at.ns = signed_of(created);
  return header;
}

std::uint32_t FramePlace::checksum_seed() const {
  char place[2 * sizeof(std::uint64_t)];
  write_fixed(write_fixed(place, segment), offset);
  return crc32c(std::string_view(place, sizeof place));
}

void encode_frame_header(char* out, const FrameHeader& header, FramePlace place) {
  char* at = write_fixed(out, kFrameMagic);
  at = write_fixed(at, kVersion);
  at = write_fixed(at, header.flags);
  at = write_fixed(at, header.first);
  at = write_fixed(at, header.count);
  at = write_fixed(at, header.batches);
  at = write_fixed(at, header.payload_bytes);
  at = write_fixed(at, header.plain_bytes);
  at = write_fixed(at, header.durable_end);
  at = write_fixed(at, bits(header.min_time.ns));
  at = write_fixed(at, bits(header.max_time.ns));
  at = write_fixed(at, bits(header.committed_at.ns));
  at = write_fixed(at, header.key);
  at = write_fixed(at, header.payload_crc);
  write_fixed(at, crc32c(std::string_view(out, static_cast<std::size_t>(at - out)), place.checksum_seed()));
}

std::optional<FrameHeader> decode_frame_header(std::string_view bytes, FramePlace place) {
  if (bytes.size() < kFrameHeaderBytes || read_fixed<std::uint32_t>(bytes.data()) != kFrameMagic) return std::nullopt;
  bytes = bytes.substr(0, kFrameHeaderBytes);
  const std::size_t crc_at = kFrameHeaderBytes - sizeof(std::uint32_t);
  if (read_fixed<std::uint32_t>(bytes.data() + crc_at) != crc32c(bytes.substr(0, crc_at), place.checksum_seed())) {
    return std::nullopt;
  }
  ByteReader in(bytes.substr(sizeof kFrameMagic));
  std::uint16_t version = 0;
  std::uint64_t min = 0, max = 0, committed = 0;
  FrameHeader header;
  in.fixed16(version);
  in.fixed16(header.flags);
  in.fixed64(header.first);
  in.fixed32(header.count);
  in.fixed32(header.batches);
  in.fixed32(header.payload_bytes);
  in.fixed32(header.plain_bytes);
  in.fixed64(header.durable_end);
  in.fixed64(min);
  in.fixed64(max);
  in.fixed64(committed);
  in.fixed64(header.key);
  in.fixed32(header.payload_crc);
  if (version != kVersion) return std::nullopt;
  header.min_time.ns = signed_of(min);
  header.max_time.ns = signed_of(max);
  header.committed_at.ns = signed_of(committed);
  return header;
}

bool payload_matches(FramePlace place, const FrameHeader& header, std::string_view payload) {
  return payload.size() == header.payload_bytes && crc32c(payload, place.checksum_seed()) == header.payload_crc;
}

}  // namespace penstock::journal
