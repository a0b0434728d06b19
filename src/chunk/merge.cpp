#include "chunk/merge.hpp"

#include "chunk/merge_inputs.hpp"

namespace penstock::chunk {

Result<WriteOptions> check_inputs(const std::vector<Chunk>& inputs, RecordKind kind, const MergeOptions& options) {
  if (inputs.empty()) return Error{ErrorCode::internal, "A merge of no chunks was asked for.", ""};
  WriteOptions write = options.write;
  std::uint32_t highest = 0;
  const ChunkMeta& first = inputs.front().meta;
  for (const Chunk& input : inputs) {
    const ChunkMeta& meta = input.meta;
    if (meta.kind != kind || meta.journal != first.journal || meta.deployment != first.deployment || meta.day != first.day) {
      return Error{ErrorCode::internal, "Chunks of different journals, deployments, kinds or days cannot be merged.", ""};
    }
    highest = std::max(highest, meta.level);
  }
  write.level = options.level.value_or(highest + 1);
  return write;
}

Result<Merged> merge(const std::vector<Chunk>& inputs, const MergeOptions& options, Sealer& sealer) {
  if (!inputs.empty() && inputs.front().meta.kind == RecordKind::metric) return merge_metrics(inputs, options, sealer);
  return merge_logs(inputs, options, sealer);
}

}  // namespace penstock::chunk
