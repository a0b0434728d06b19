// Chunks held under row locks in one transaction, with their bytes in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/ports/chunk_maintenance.hpp"
#include "postgres/jobs.hpp"
#include "postgres/pq_transaction.hpp"

namespace penstock::postgres {

class PgJob final : public CompactionJob {
 public:
  // Locks at most policy.max_inputs rows that `where` chooses (parameters: $1 …), oldest first, passing over those that
  // others hold, until max_input_bytes are reached (one chunk is taken however large it is). nullptr when fewer than
  // `at_least` are to be had.
  static Result<std::unique_ptr<CompactionJob>> take(Jobs& jobs, PqConnection& open, const std::string& where,
                                                     const PqParams& params,
                                                     const CompactionPolicy& policy, std::uint32_t at_least,
                                                     std::optional<std::int64_t> deletion);
  ~PgJob() override;

  const std::vector<Chunk>& inputs() const override { return inputs_; }
  Result<void> replace(const std::vector<Chunk>& outputs) override;
  Result<void> keep_inputs() override;
  Result<void> set_aside(const std::vector<ChunkId>& damaged) override;

 private:
  PgJob(Jobs& jobs, PqConnection& open, PqTransaction transaction, std::uint32_t max_level, std::optional<std::int64_t> deletion);
  Result<void> load();
  void note_freed();
  Result<std::vector<std::int64_t>> rewritten_for();
  PqParams place_of_inputs() const;

  Jobs& jobs_;
  PqConnection& open_;
  std::optional<PqTransaction> transaction_;
  const std::uint32_t max_level_;  // chunks of it are not merged
  const std::optional<std::int64_t> deletion_;
  std::vector<Chunk> inputs_;
};

}  // namespace penstock::postgres
