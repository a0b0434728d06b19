// A small file that only its owner may read, replaced as a whole.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "penstock/core/result.hpp"

namespace penstock::auth {

// nullopt when there is none; io_error when it cannot be read. At most 4 KiB are read.
Result<std::optional<std::string>> read_secret_file(const std::string& path);
// Mode 0600; a crash leaves the old content or the new one. Synced, its directory entry too.
Result<void> write_secret_file(const std::string& path, std::string_view content);

}  // namespace penstock::auth
