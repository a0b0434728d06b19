// Which keys a journal needs, without opening it: from the headers of its segments.
#pragma once

#include <string>
#include <vector>

#include "penstock/core/result.hpp"
#include "penstock/ports/file_system.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::journal {

// Each once, and never 0 (not sealed). A segment whose header cannot be read is passed over, and so is a folder that is not there.
Result<std::vector<KeyId>> sealed_with(FileSystem& files, const std::string& directory);

}  // namespace penstock::journal
