// The parts of a segment that an earlier run wrote, found by a walk over its headers.
#pragma once

#include <vector>

#include "journal/segment_catalog.hpp"
#include "penstock/ports/file_system.hpp"

namespace penstock::journal {

// Never empty: what cannot be walked is one part whose times may be any. Payloads are neither read nor checked. Any thread.
std::vector<SegmentPart> measure_parts(FileSystem& files, const SegmentView& segment, std::uint64_t part_bytes);

}  // namespace penstock::journal
