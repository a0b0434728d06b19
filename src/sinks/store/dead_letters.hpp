// Dead letters as the store keeps them: the record as a batch of its own, sealed.
#pragma once

#include <string>
#include <string_view>

#include "penstock/core/batch.hpp"
#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::sinks {

// A batch of that one record.
std::string batch_of(const RecordView& record);

// Replaces letter.batch by 8 bytes of key id (little endian) and the sealed batch. Key scope: "dead-letter/<journal>".
// Associated data: "dead-letter/<journal>/<sequence>". An empty batch stays empty.
Result<void> seal_dead_letter(Sealer& sealer, DeadLetter& letter);

// The batch of a letter that was not sealed; empty of others.
std::string_view plain_batch(const DeadLetter& letter);

// The batch of a letter that was read from the store.
Result<std::string> open_dead_letter(Sealer& sealer, const DeadLetter& letter);

}  // namespace penstock::sinks
