// The known deletions as a file, so that they are known after a restart without the store. Layout: "PSTDELS1", fixed64 key id, the sealed
// list, fixed32 CRC-32C of all before. The list: for each deletion fixed64 id, from, to, journal, before, created at; then deployment and
// filter, each behind its length as a varint.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "penstock/core/deletion.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/file_system.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::query {

Result<std::string> encode_deletions(const std::vector<Deletion>& deletions, Sealer& sealer);
// corrupt: not such a file, or a damaged one.
Result<std::vector<Deletion>> decode_deletions(std::string_view bytes, Sealer& sealer);

// None when there is no file.
Result<std::vector<Deletion>> read_deletions(FileSystem& files, const std::string& path, Sealer& sealer);
// Durable when it returns without error; the file is replaced as a whole.
Result<void> write_deletions(FileSystem& files, const std::string& path, Sealer& sealer, const std::vector<Deletion>& deletions);

}  // namespace penstock::query
