#include "journal/read_around.hpp"

#include <algorithm>

namespace penstock::journal {
namespace {

constexpr std::uint64_t kDiskBlock = 4096;

void give_up(std::vector<ByteRange>& ranges, ByteRange range) {
  if (!ranges.empty() && ranges.back().offset + ranges.back().bytes == range.offset) {
    ranges.back().bytes += range.bytes;
  } else {
    ranges.push_back(range);
  }
}

}  // namespace

Result<std::size_t> read_around(const File& file, std::uint64_t offset, std::span<std::byte> into, std::vector<ByteRange>* given_up) {
  auto got = file.read_at(offset, into);
  if (got) return got;
  const auto size = file.size();
  if (!size) return size.error();
  const std::uint64_t there = *size > offset ? *size - offset : 0;
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), there));
  for (std::size_t at = 0; at < wanted;) {
    const std::uint64_t from = offset + at;
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(kDiskBlock - from % kDiskBlock, wanted - at));
    const auto block = into.subspan(at, length);
    if (!file.read_at(from, block)) {
      std::fill(block.begin(), block.end(), std::byte{0});
      if (given_up != nullptr) give_up(*given_up, {from, length});
    }
    at += length;
  }
  return wanted;
}

}  // namespace penstock::journal
