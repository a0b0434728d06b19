#include "decode/record_reader.hpp"

#include <algorithm>
#include <cstring>

#include "decode/json_text.hpp"

namespace penstock::decode {
namespace {

// Flattening recurses once a level.
constexpr std::size_t kDepthCeiling = 256;

Result<Timestamp> parse_time(const Value& value) {
  if (value.kind == ValueKind::real && value.text.find_first_of("eE") != std::string_view::npos) {
    if (const std::optional<double> epoch = number_double(value.text)) return from_epoch(*epoch);
  }
  return parse_timestamp(value.text);
}

}  // namespace

RecordReader::RecordReader(Workspace& workspace, const DecodeOptions& options, RecordReceiver& receiver)
    : workspace_(workspace), options_(options), receiver_(receiver), overrides_(options),
      max_depth_(std::min(options.max_depth, kDepthCeiling)) {}

bool RecordReader::read(std::string_view text, TokenCursor& cursor, std::size_t index, bool alone) {
  text_ = text;
  workspace_.arena.clear();
  workspace_.path.clear();
  for (Slot& held : slots_) held.taken = false;
  error_.reset();
  clear();
  const std::size_t begin = cursor.position();
  if (!cursor.object([&](std::string_view key) { return member(cursor, key); })) return false;
  if (alone && !cursor.done()) return cursor.fail("nothing more on this line");
  const std::size_t wire_bytes = cursor.last_end() - begin;
  if (wire_bytes > options_.max_record_bytes) {
    error_.reset();
    refuse_size(wire_bytes);
  }
  if (!error_) finish(index, wire_bytes);
  if (error_) receiver_.reject(index, *std::move(error_));
  return true;
}

void RecordReader::reject_type(std::size_t index) {
  receiver_.reject(index, {ErrorCode::invalid_type, "A record is a JSON object; this is another kind of value.", ""});
}

Claim RecordReader::claim(std::string_view key) const {
  if (overrides_.any()) {
    const Claim told = overrides_.claim_of(key);
    if (told.role != Role::none) return told;
  }
  return claim_of(key, options_.kind);
}

bool RecordReader::claimed(TokenCursor& cursor, std::string_view key, Claim claim) {
  const char c = cursor.peek();
  Value value;
  if (c == '{' || c == '[') {
    if (!claim.certain()) return unclaimed(cursor, key);
    value.kind = c == '{' ? ValueKind::object : ValueKind::array;
    if (!json_text(cursor, key, 1, value.text)) return false;
    if (claim.role != Role::message) {
      refuse(ErrorCode::invalid_type, key, "This must be a single value, not an object or array.");
      return true;
    }
    offer(key, value, claim);
    return true;
  }
  if (!cursor.scalar(value)) return false;
  if (value.kind == ValueKind::null) return true;
  if (value.kind == ValueKind::boolean && claim.role != Role::message) {
    if (claim.certain()) {
      refuse(ErrorCode::invalid_type, key, "This must be text or a number, not true or false.");
    } else {
      keep(key, value);
    }
    return true;
  }
  offer(key, value, claim);
  return true;
}

void RecordReader::offer(std::string_view key, const Value& value, Claim claim) {
  Slot& held = slot(claim.role);
  if (held.taken) {
    if (claim.rank > held.rank) return keep(key, value);
    if (held.key != key) keep(held.key, held.value);
  }
  held.value = value;
  held.key = key;
  held.rank = claim.rank;
  held.taken = true;
}

std::optional<Timestamp> RecordReader::time() {
  const Slot& held = slot(Role::time);
  if (!held.taken) return std::nullopt;
  Result<Timestamp> time = parse_time(held.value);
  if (time) return *time;
  refuse(ErrorCode::invalid_timestamp, held.key, std::move(time).error().message);
  return std::nullopt;
}

void RecordReader::refuse(ErrorCode code, std::string_view field, std::string message) {
  if (!error_) error_ = Error{code, std::move(message), std::string(field.substr(0, kMaxNameBytes))};
}

std::string_view RecordReader::joined(std::string_view key) {
  const std::string& path = workspace_.path;
  const std::size_t size = path.empty() ? key.size() : path.size() + 1 + key.size();
  if (size > kMaxNameBytes) {
    refuse(ErrorCode::invalid_name, key.substr(0, 64), "The name of a field has " + std::to_string(size) + " bytes; the limit is " +
                                                          std::to_string(kMaxNameBytes) + ".");
    return {};
  }
  if (path.empty()) return key;
  char* const bytes = workspace_.arena.take(size);
  std::memcpy(bytes, path.data(), path.size());
  bytes[path.size()] = '.';
  if (!key.empty()) std::memcpy(bytes + path.size() + 1, key.data(), key.size());
  return {bytes, size};
}

bool RecordReader::json_text(TokenCursor& cursor, std::string_view key, std::size_t depth, std::string_view& out) {
  const std::size_t begin = cursor.position();
  bool too_deep = false;
  if (!cursor.skip(depth < max_depth_ ? max_depth_ - depth : 0, too_deep)) return false;
  if (too_deep) refuse_depth(key);
  if (!too_deep) out = tidy_json(text_.substr(begin, cursor.last_end() - begin), workspace_.arena);
  // Control characters take more room as escapes.
  if (out.size() > options_.max_record_bytes) refuse_size(out.size());
  return true;
}

void RecordReader::refuse_size(std::size_t bytes) {
  refuse(ErrorCode::record_too_large, "", "The record has " + std::to_string(bytes) + " bytes; the limit is " +
                                              std::to_string(options_.max_record_bytes) + ".");
}

void RecordReader::refuse_depth(std::string_view key) {
  refuse(ErrorCode::too_deep, key, "The record is nested deeper than " + std::to_string(max_depth_) + " levels.");
}

}  // namespace penstock::decode
