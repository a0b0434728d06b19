// Whether a value fits what its name means.
#pragma once

#include <cstdint>

#include "decode/names.hpp"
#include "decode/token_cursor.hpp"
#include "penstock/ports/decoder.hpp"

namespace penstock::decode {

// absent: nothing was said, as by "", a zero time or null.
enum class Fit : std::uint8_t { yes, absent, no };

// `value` is no object or array. `number`, where it fits: of a time nanoseconds since the epoch, of nanos itself, of a severity its number.
Fit fit(const Claim& claim, const Value& value, const DecodeOptions& options, std::int64_t& number);

// Why a value of a role does not fit.
ErrorCode misfit_code(Role role, ValueKind kind);
std::string_view misfit_message(Role role, ValueKind kind);

}  // namespace penstock::decode
