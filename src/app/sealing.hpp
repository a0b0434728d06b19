// The sealer of a configuration's data folder.
#pragma once

#include <string>

#include "config/config.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/file_system.hpp"
#include "seal/opening.hpp"

namespace penstock::app {

// Errors as of seal::open_folder(): a key that is missing or another is never taken for damage of what it opens.
Result<seal::Opened> open_seal(const config::Config& config, FileSystem& files, const std::string& data_dir, seal::Missing missing);

}  // namespace penstock::app
