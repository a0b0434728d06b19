#include "sinks/store/dead_letters.hpp"

#include "base/bytes.hpp"

namespace penstock::sinks {
namespace {

// Its key goes with its deployment; what it is bound to is what it is found by.
std::string scope_of(const DeadLetter& letter) { return "dead-letter/" + letter.deployment; }
std::string place_of(const DeadLetter& letter) {
  return "dead-letter/" + std::to_string(letter.journal.value) + "/" + std::to_string(letter.sequence);
}

}  // namespace

std::string batch_of(const RecordView& record) {
  BatchWriter writer;
  if (record.kind == RecordKind::log) {
    writer.add(record.log);
  } else {
    writer.add(record.point);
  }
  return writer.take();
}

Result<void> seal_dead_letter(Sealer& sealer, DeadLetter& letter) {
  if (letter.batch.empty()) return {};
  auto key = sealer.key_for(scope_of(letter));
  if (!key) return key.error();
  auto sealed = sealer.seal(*key, place_of(letter), letter.batch);
  if (!sealed) return sealed.error();
  letter.batch.clear();
  append_fixed64(letter.batch, *key);
  letter.batch += *sealed;
  return {};
}

std::string_view plain_batch(const DeadLetter& letter) {
  ByteReader in(letter.batch);
  std::uint64_t key = 0;
  if (!in.fixed64(key) || key != 0) return {};
  return std::string_view(letter.batch).substr(in.position());
}

Result<std::string> open_dead_letter(Sealer& sealer, const DeadLetter& letter) {
  if (letter.batch.empty()) return std::string();
  ByteReader in(letter.batch);
  std::uint64_t key = 0;
  if (!in.fixed64(key)) return Error{ErrorCode::corrupt, "A dead letter is too short to be one.", ""};
  return sealer.open(key, place_of(letter), std::string_view(letter.batch).substr(in.position()));
}

}  // namespace penstock::sinks
