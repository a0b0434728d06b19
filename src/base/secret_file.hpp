// A small file that only its owner may read, replaced as a whole.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "penstock/core/result.hpp"

namespace penstock {

// nullopt when there is none; io_error when it cannot be read. At most so many bytes are read.
Result<std::optional<std::string>> read_secret_file(const std::string& path, std::size_t at_most = 4096);
// A crash leaves the old content or the new one. Synced, its directory entry too.
Result<void> write_secret_file(const std::string& path, std::string_view content, unsigned mode = 0600);

}  // namespace penstock
