// Frames and records as text, for operators.
#pragma once

#include <string>

#include "journal/walk.hpp"
#include "penstock/core/batch.hpp"
#include "penstock/core/result.hpp"

namespace penstock::journal {

// The record as one JSON object without a line end, in the shape that POST /api/v1/logs and /api/v1/metrics take: sent again it becomes
// the same record but for its identity and received_at.
void append_sendable(std::string& out, const RecordView& record);

// A frame for a person: a line for it and for each batch, and a line for each record from `from` on, at most `records` of them, which
// is lowered by as many. corrupt when a batch is none.
Result<void> append_dump(std::string& out, const WalkedFrame& walked, Sequence from, std::uint64_t& records);

}  // namespace penstock::journal
