// Records as exact lines of text, for golden files (tests/data/golden): what a reader gives must spell the same.
#pragma once

#include <string>

#include "penstock/core/ids.hpp"
#include "penstock/core/record.hpp"
#include "penstock/ports/chunk_store.hpp"

namespace penstock::test {

std::string golden_line(Sequence sequence, const LogView& log);
std::string golden_line(SeriesId series, Timestamp timestamp, Timestamp received_at, double value);

// A chunk as files: FOLDER/NAME.meta (text), NAME.header, NAME.filter, NAME.payload.
void write_golden_chunk(const std::string& folder, const std::string& name, const Chunk& chunk);
Chunk read_golden_chunk(const std::string& folder, const std::string& name);

// Throw when the file cannot be read or written whole.
std::string read_file(const std::string& path);
void write_file(const std::string& path, const std::string& bytes);

}  // namespace penstock::test
