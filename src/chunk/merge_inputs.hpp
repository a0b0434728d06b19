// What merging checks before it starts.
#pragma once

#include <algorithm>
#include <vector>

#include "chunk/merge.hpp"
#include "penstock/core/result.hpp"

namespace penstock::chunk {

// The options to write with (level filled in); `internal` when the inputs do not belong together.
Result<WriteOptions> check_inputs(const std::vector<Chunk>& inputs, RecordKind kind, const MergeOptions& options);

}  // namespace penstock::chunk
