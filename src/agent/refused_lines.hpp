// Refused records as a file keeps them: as they are, or sealed.
#pragma once

#include <string>
#include <string_view>

#include "penstock/core/result.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::agent {

// Lines of NDJSON as one line {"sealed":"KEY:BYTES"}: the key's id as 16 hexadecimal digits, the sealed bytes as base64url. As they are with no sealer,
// or one that does not seal. Errors as of the sealer.
Result<std::string> seal_lines(Sealer* sealer, std::string_view lines);

// What such a file holds: sealed lines opened, the others as they are. corrupt, key_mismatch.
Result<std::string> open_lines(Sealer& sealer, std::string_view text);

}  // namespace penstock::agent
