#include <bit>

#include "base/bytes.hpp"
#include "core/batch_format.hpp"
#include "penstock/core/batch.hpp"

namespace penstock {

using namespace batch_format;

namespace {

struct Header {
  std::uint8_t flags = 0;
  std::uint32_t count = 0;
  std::int64_t min_ns = 0, max_ns = 0;
  std::string_view records, after;  // after: the idempotency entry, or nothing
};

Error corrupt(const char* what) {
  return {ErrorCode::corrupt, std::string("These bytes are not a batch: ") + what + ".", ""};
}

Result<Header> read_header(std::string_view batch) {
  if (batch.size() < kHeaderSize) return corrupt("they are shorter than a header");
  if (read_fixed<std::uint16_t>(batch.data()) != kMagic) return corrupt("the first letters are wrong");
  if (static_cast<std::uint8_t>(batch[2]) != kVersion) {
    return Error{ErrorCode::unsupported_version, "This batch was written by a newer Penstock: use that version.", ""};
  }
  Header header;
  header.flags = static_cast<std::uint8_t>(batch[3]);
  if ((header.flags & ~kHasIdempotency) != 0) return corrupt("it has unknown flags");
  header.count = read_fixed<std::uint32_t>(batch.data() + kCountAt);
  header.min_ns = static_cast<std::int64_t>(read_fixed<std::uint64_t>(batch.data() + kMinTimeAt));
  header.max_ns = static_cast<std::int64_t>(read_fixed<std::uint64_t>(batch.data() + kMaxTimeAt));
  const auto records_size = read_fixed<std::uint64_t>(batch.data() + kRecordsSizeAt);
  if (records_size > batch.size() - kHeaderSize) return corrupt("the records end past the end");
  header.records = batch.substr(kHeaderSize, static_cast<std::size_t>(records_size));
  header.after = batch.substr(kHeaderSize + header.records.size());
  if ((header.flags & kHasIdempotency) == 0 && !header.after.empty()) return corrupt("something follows the records");
  return header;
}

}  // namespace

struct BatchReader::State {
  static constexpr std::size_t kKeptStrings = 4096;  // of a batch with more the memory is given back

  Header header;
  ByteReader in{std::string_view()};
  std::uint32_t index = 0;
  std::optional<Error> error;
  std::uint64_t last_timestamp = 0, last_received_at = 0;
  std::string_view deployment, source;
  std::vector<std::string_view> strings;
  std::vector<FieldView> fields;
  std::vector<LabelView> labels;
  std::vector<SampleView> samples;

  void open(std::string_view batch) {
    error.reset();
    index = 0;
    last_timestamp = last_received_at = 0;
    deployment = source = {};
    if (strings.capacity() > kKeptStrings) std::vector<std::string_view>().swap(strings);
    strings.clear();
    auto read = read_header(batch);
    if (!read) error = std::move(read).error();
    header = read ? *read : Header();
    in = ByteReader(header.records);
  }

  bool string(std::string_view& out) {
    std::uint64_t code = 0;
    if (!in.varint(code)) return false;
    if (code >= kFirstNumber) [[likely]] {
      if (code - kFirstNumber >= strings.size()) return false;
      out = strings[static_cast<std::size_t>(code - kFirstNumber)];
      return true;
    }
    if (!in.sized(out)) return false;
    if (code == kNewString) {
      if (strings.size() >= kMaxNumbered) return false;
      strings.push_back(out);
    }
    return true;
  }

  bool head(std::uint8_t tag, Timestamp& timestamp, Timestamp& received_at) {
    if ((tag & kSameDeployment) == 0 && !string(deployment)) return false;
    if ((tag & kSameSource) == 0 && !string(source)) return false;
    std::int64_t step = 0;
    if (!in.zigzag(step)) return false;
    last_timestamp += static_cast<std::uint64_t>(step);
    if ((tag & kSameReceivedAt) == 0) {
      if (!in.zigzag(step)) return false;
      last_received_at += static_cast<std::uint64_t>(step);
    }
    timestamp.ns = static_cast<std::int64_t>(last_timestamp);
    received_at.ns = static_cast<std::int64_t>(last_received_at);
    return true;
  }

  bool value(FieldValue& out) {
    std::uint8_t type = 0;
    if (!in.byte(type)) return false;
    if (type == kTrue) {
      out.type = FieldType::boolean;
      out.integer = 1;
      return true;
    }
    if (type > static_cast<std::uint8_t>(FieldType::json)) return false;
    out.type = static_cast<FieldType>(type);
    switch (out.type) {
      case FieldType::string:
      case FieldType::json: return in.sized(out.text);
      case FieldType::integer: return in.zigzag(out.integer);
      case FieldType::real: return in.real(out.real);
      case FieldType::boolean:
      case FieldType::null: return true;
    }
    return false;
  }

  bool read_log(std::uint8_t tag, LogView& log) {
    const unsigned severity = tag >> kSeverityShift;
    if (severity >= kSeverityCount || !head(tag, log.timestamp, log.received_at)) return false;
    log.deployment = deployment;
    log.source = source;
    log.severity = static_cast<Severity>(severity);
    std::uint64_t count = 0;
    if (!in.sized(log.message) || !in.varint(count)) return false;
    fields.clear();
    for (; count > 0; --count) {
      FieldView& field = fields.emplace_back();
      if (!string(field.name) || !value(field.value)) return false;
    }
    log.fields = fields;
    return true;
  }

  bool read_point(std::uint8_t tag, PointView& point) {
    if (tag >> kSeverityShift != 0 || !head(tag, point.timestamp, point.received_at)) return false;
    point.deployment = deployment;
    point.source = source;
    std::uint64_t count = 0;
    if (!in.varint(count)) return false;
    labels.clear();
    for (; count > 0; --count) {
      LabelView& label = labels.emplace_back();
      if (!string(label.name) || !string(label.value)) return false;
    }
    if (!in.varint(count)) return false;
    samples.clear();
    for (; count > 0; --count) {
      SampleView& sample = samples.emplace_back();
      if (!string(sample.name) || !in.real(sample.value)) return false;
    }
    point.labels = labels;
    point.samples = samples;
    return true;
  }

  bool read_record(RecordView& out) {
    std::uint8_t tag = 0;
    if (!in.byte(tag)) return false;
    out.index = index;
    switch (tag & kKindMask) {
      case static_cast<std::uint8_t>(RecordKind::log): out.kind = RecordKind::log; return read_log(tag, out.log);
      case static_cast<std::uint8_t>(RecordKind::metric): out.kind = RecordKind::metric; return read_point(tag, out.point);
      default: return false;
    }
  }
};

BatchReader::BatchReader() : BatchReader(std::string_view()) {}
BatchReader::BatchReader(std::string_view batch) : state_(std::make_unique<State>()) { open(batch); }
BatchReader::~BatchReader() = default;

void BatchReader::open(std::string_view batch) { state_->open(batch); }

bool BatchReader::next(RecordView& out) {
  State& state = *state_;
  if (state.error) return false;
  if (state.index == state.header.count) {
    if (!state.in.done()) state.error = corrupt("something follows the last record");
    return false;
  }
  if (!state.read_record(out)) {
    state.error = corrupt("a record is malformed");
    return false;
  }
  ++state.index;
  return true;
}

const Error* BatchReader::error() const { return state_->error ? &*state_->error : nullptr; }
std::uint32_t BatchReader::record_count() const { return state_->header.count; }
Timestamp BatchReader::min_time() const { return {state_->header.min_ns}; }
Timestamp BatchReader::max_time() const { return {state_->header.max_ns}; }

Result<std::optional<IdempotencyEntry>> BatchReader::idempotency(std::string_view batch) {
  const auto header = read_header(batch);
  if (!header) return header.error();
  if ((header->flags & kHasIdempotency) == 0) return std::optional<IdempotencyEntry>();
  IdempotencyEntry entry;
  ByteReader in(header->after);
  std::string_view answer;
  if (!in.fixed64(entry.key_hi) || !in.fixed64(entry.key_lo) || !in.fixed64(entry.body_hi) || !in.fixed64(entry.body_lo) ||
      !in.sized(answer) || !in.done()) {
    return corrupt("its idempotency entry is malformed");
  }
  entry.answer = answer;
  return std::optional<IdempotencyEntry>(std::move(entry));
}

}  // namespace penstock
