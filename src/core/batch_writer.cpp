#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <limits>

#include "base/bytes.hpp"
#include "base/short_bytes.hpp"
#include "base/unicode.hpp"
#include "core/batch_format.hpp"
#include "core/string_table.hpp"
#include "penstock/core/batch.hpp"

namespace penstock {

using namespace batch_format;

struct BatchWriter::State {
  static constexpr std::uint32_t kNoNumber = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::size_t kInitialBytes = 4096, kKeptBytes = 256 << 10;
  static constexpr std::size_t kMaxRecordHead = 64;  // tag, two times, two references, three counts
  static constexpr std::size_t kMaxItemHead = 32;    // two references, a type and a fixed value, without the texts

  std::unique_ptr<char[]> buffer;
  std::size_t room = 0;  // bytes at buffer
  std::size_t used = kHeaderSize;
  std::uint32_t count = 0;
  std::int64_t min_ns = std::numeric_limits<std::int64_t>::max(), max_ns = std::numeric_limits<std::int64_t>::min();
  std::int64_t last_timestamp = 0, last_received_at = 0;
  std::uint32_t last_deployment = kNoNumber, last_source = kNoNumber;
  StringTable strings;
  std::vector<std::uint32_t> names_by_position;  // of the record before: the next one mostly has the same fields in the same order
  std::optional<IdempotencyEntry> idempotency;

  void ensure(std::size_t more) {
    if (used + more <= room) [[likely]] return;
    const std::size_t size = std::max({kInitialBytes, room * 2, used + more});
    auto larger = std::make_unique_for_overwrite<char[]>(size);
    if (room > 0) std::memcpy(larger.get(), buffer.get(), used);
    buffer = std::move(larger);
    room = size;
  }

  static char* put_sized(char* out, std::string_view text) {
    return put_bytes(write_varint(out, text.size()), text);
  }
  static char* put_real(char* out, double value) { return write_fixed(out, std::bit_cast<std::uint64_t>(value)); }

  // Writes a reference; tells the string's number, or kNoNumber.
  char* put_string(char* out, std::string_view text, std::uint32_t& number) {
    number = kNoNumber;
    if (text.size() > kMaxNumberedLength) return put_sized(write_varint(out, kLiteralString), text);
    const std::uint32_t hash = StringTable::hash(text);
    if (const auto found = strings.find(buffer.get(), text, hash)) {
      number = *found;
      return write_varint(out, *found + kFirstNumber);
    }
    if (strings.size() >= kMaxNumbered) return put_sized(write_varint(out, kLiteralString), text);
    out = put_sized(write_varint(out, kNewString), text);
    number = strings.add(static_cast<std::size_t>(out - buffer.get()) - text.size(), text.size(), hash);
    return out;
  }
  char* put_name(char* out, std::string_view text, std::size_t position) {
    if (position >= names_by_position.size()) names_by_position.resize(position + 1, kNoNumber);
    std::uint32_t& expected = names_by_position[position];
    if (is_number(expected, text)) return write_varint(out, expected + kFirstNumber);
    return put_string(out, text, expected);
  }
  bool is_number(std::uint32_t number, std::string_view text) const {
    return number != kNoNumber && strings.is(buffer.get(), number, text);
  }

  template <class Record>
  char* put_head(const Record& record, std::uint8_t tag) {
    char* const tag_at = buffer.get() + used;
    char* out = tag_at + 1;
    if (is_number(last_deployment, record.deployment)) {
      tag |= kSameDeployment;
    } else {
      out = put_string(out, record.deployment, last_deployment);
    }
    if (is_number(last_source, record.source)) {
      tag |= kSameSource;
    } else {
      out = put_string(out, record.source, last_source);
    }
    out = write_varint(out, difference(record.timestamp.ns, last_timestamp));
    last_timestamp = record.timestamp.ns;
    if (record.received_at.ns == last_received_at) {
      tag |= kSameReceivedAt;
    } else {
      out = write_varint(out, difference(record.received_at.ns, last_received_at));
      last_received_at = record.received_at.ns;
    }
    *tag_at = static_cast<char>(tag);
    ++count;
    min_ns = std::min(min_ns, record.timestamp.ns);
    max_ns = std::max(max_ns, record.timestamp.ns);
    return out;
  }
  static std::uint64_t difference(std::int64_t to, std::int64_t from) {
    return zigzag_encode(static_cast<std::int64_t>(static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from)));
  }
  void finish(const char* end) { used = static_cast<std::size_t>(end - buffer.get()); }

  static char* put_value(char* out, const FieldValue& value) {
    *out++ = static_cast<char>(value.type);
    switch (value.type) {
      case FieldType::string:
      case FieldType::json: return put_sized(out, value.text);
      case FieldType::integer: return write_varint(out, zigzag_encode(value.integer));
      case FieldType::real: return put_real(out, value.real);
      case FieldType::boolean:
        if (value.integer != 0) out[-1] = static_cast<char>(kTrue);
        return out;
      case FieldType::null: return out;
    }
    return out;
  }
};

BatchWriter::BatchWriter() : state_(std::make_unique<State>()) {}
BatchWriter::~BatchWriter() = default;
BatchWriter::BatchWriter(BatchWriter&&) noexcept = default;
BatchWriter& BatchWriter::operator=(BatchWriter&&) noexcept = default;

// Text from wherever it came has passed one repair before it gets here (base/unicode.hpp): what is stored could not be answered as JSON otherwise.
// Checked where assertions are, which the sanitizers' and developers' builds have.
[[maybe_unused]] static bool is_clean(std::string_view text) { return clean_utf8_prefix(text) == text.size(); }
[[maybe_unused]] static bool is_clean(const LogView& log) {
  return is_clean(log.deployment) && is_clean(log.source) && is_clean(log.message) && std::all_of(log.fields.begin(), log.fields.end(), [](const FieldView& field) {
           return is_clean(field.name) && is_clean(field.value.text);
         });
}
[[maybe_unused]] static bool is_clean(const PointView& point) {
  return is_clean(point.deployment) && is_clean(point.source) &&
         std::all_of(point.labels.begin(), point.labels.end(), [](const LabelView& label) { return is_clean(label.name) && is_clean(label.value); }) &&
         std::all_of(point.samples.begin(), point.samples.end(), [](const SampleView& sample) { return is_clean(sample.name); });
}

void BatchWriter::add(const LogView& log) {
  assert(is_clean(log));
  State& state = *state_;
  std::size_t most = State::kMaxRecordHead + log.deployment.size() + log.source.size() + log.message.size();
  for (const FieldView& field : log.fields) most += State::kMaxItemHead + field.name.size() + field.value.text.size();
  state.ensure(most);
  const auto tag = static_cast<unsigned>(RecordKind::log) | static_cast<unsigned>(log.severity) << kSeverityShift;
  char* out = state.put_head(log, static_cast<std::uint8_t>(tag));
  out = State::put_sized(out, log.message);
  out = write_varint(out, log.fields.size());
  std::size_t position = 0;
  for (const FieldView& field : log.fields) {
    out = state.put_name(out, field.name, position++);
    out = State::put_value(out, field.value);
  }
  state.finish(out);
}

void BatchWriter::add(const PointView& point) {
  assert(is_clean(point));
  State& state = *state_;
  std::size_t most = State::kMaxRecordHead + point.deployment.size() + point.source.size();
  for (const LabelView& label : point.labels) most += State::kMaxItemHead + label.name.size() + label.value.size();
  for (const SampleView& sample : point.samples) most += State::kMaxItemHead + sample.name.size();
  state.ensure(most);
  char* out = state.put_head(point, static_cast<std::uint8_t>(RecordKind::metric));
  out = write_varint(out, point.labels.size());
  std::size_t position = 0;
  for (const LabelView& label : point.labels) {
    out = state.put_name(out, label.name, position++);
    out = state.put_name(out, label.value, position++);
  }
  out = write_varint(out, point.samples.size());
  for (const SampleView& sample : point.samples) {
    out = state.put_name(out, sample.name, position++);
    out = State::put_real(out, sample.value);
  }
  state.finish(out);
}

void BatchWriter::set_idempotency(const IdempotencyEntry& entry) { state_->idempotency = entry; }

std::size_t BatchWriter::record_count() const { return state_->count; }
std::size_t BatchWriter::size_bytes() const { return state_->used; }
Timestamp BatchWriter::min_time() const { return {state_->min_ns}; }
Timestamp BatchWriter::max_time() const { return {state_->max_ns}; }

std::string BatchWriter::take() {
  State& state = *state_;
  state.ensure(0);
  char* const header = state.buffer.get();
  write_fixed(header, kMagic);
  header[2] = static_cast<char>(kVersion);
  header[3] = static_cast<char>(state.idempotency ? kHasIdempotency : 0);
  write_fixed(header + kCountAt, state.count);
  write_fixed(header + kMinTimeAt, static_cast<std::uint64_t>(state.min_ns));
  write_fixed(header + kMaxTimeAt, static_cast<std::uint64_t>(state.max_ns));
  write_fixed(header + kRecordsSizeAt, static_cast<std::uint64_t>(state.used - kHeaderSize));
  // A copy of just the size: batches wait in queues whose limits count sizes, not capacities.
  std::string batch;
  batch.reserve(state.used + (state.idempotency ? state.idempotency->answer.size() + 64 : 0));
  batch.append(header, state.used);
  if (state.idempotency) {
    for (const std::uint64_t half : {state.idempotency->key_hi, state.idempotency->key_lo, state.idempotency->body_hi,
                                     state.idempotency->body_lo}) {
      append_fixed64(batch, half);
    }
    append_sized(batch, state.idempotency->answer);
  }

  clear();
  return batch;
}

void BatchWriter::clear() {
  State& state = *state_;
  if (state.room > State::kKeptBytes) {
    state.buffer.reset();
    state.room = 0;
  }
  state.used = kHeaderSize;
  state.count = 0;
  state.min_ns = std::numeric_limits<std::int64_t>::max();
  state.max_ns = std::numeric_limits<std::int64_t>::min();
  state.last_timestamp = state.last_received_at = 0;
  state.last_deployment = state.last_source = State::kNoNumber;
  state.strings.clear();
  state.names_by_position.clear();
  state.idempotency.reset();
}

}  // namespace penstock
