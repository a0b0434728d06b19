// The keys of an agent's state folder.
#pragma once

#include <memory>
#include <string>

#include "penstock/core/result.hpp"
#include "penstock/ports/sealer.hpp"
#include "seal/options.hpp"

namespace penstock::agent {

// Makes the folder, and keys where there are none. key_mismatch: the outer key is missing or another; nothing is changed then.
Result<std::unique_ptr<Sealer>> open_sealing(const std::string& state_dir, const seal::Options& options);

// What rejected.ndjson of a state folder holds, the older file first. not_found: the folder is none of an agent.
Result<std::string> read_refused(const std::string& state_dir, const seal::Options& options);

}  // namespace penstock::agent
