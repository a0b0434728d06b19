// Numbers that the batch's writer and reader share; BATCH_FORMAT.md tells what they mean.
#pragma once

#include <cstddef>
#include <cstdint>

namespace penstock::batch_format {

inline constexpr std::uint16_t kMagic = 0x4250;
inline constexpr std::uint8_t kVersion = 1;
inline constexpr std::uint8_t kHasIdempotency = 1;

inline constexpr std::size_t kCountAt = 4, kMinTimeAt = 8, kMaxTimeAt = 16, kRecordsSizeAt = 24, kHeaderSize = 32;

inline constexpr std::uint8_t kKindMask = 3, kSameDeployment = 4, kSameSource = 8, kSameReceivedAt = 16;
inline constexpr unsigned kSeverityShift = 5;

inline constexpr std::uint8_t kTrue = 11;  // a boolean field's type byte is 3 (false) or this

inline constexpr std::uint64_t kNewString = 0, kLiteralString = 1, kFirstNumber = 2;
inline constexpr std::size_t kMaxNumbered = 65'536, kMaxNumberedLength = 255;

}  // namespace penstock::batch_format
