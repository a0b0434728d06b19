// The journal's id in a file of its own, for when no segment header can be read. Layout: FORMAT.md.
#pragma once

#include <optional>
#include <string>

#include "penstock/core/ids.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/file_system.hpp"

namespace penstock::journal {

// What the directory's file says; nothing when there is none, or it is damaged. Reads the file of earlier builds too.
std::optional<JournalId> read_id_file(FileSystem& files, const std::string& directory);

// Writes it anew unless it says so already. Durable when it returns without error.
Result<void> write_id_file(FileSystem& files, const std::string& directory, JournalId id);

}  // namespace penstock::journal
