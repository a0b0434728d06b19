// The checksum that tells whether a migration changed after it was applied.
#pragma once

#include <string>
#include <string_view>

namespace penstock::postgres {

// SHA-256 in lower-case hexadecimal.
std::string sha256_hex(std::string_view text);

}  // namespace penstock::postgres
