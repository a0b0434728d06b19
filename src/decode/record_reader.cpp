#include "decode/record_reader.hpp"

#include <algorithm>
#include <cstring>

#include "base/unicode.hpp"
#include "decode/json_text.hpp"

namespace penstock::decode {
namespace {

// Flattening recurses once a level.
constexpr std::size_t kDepthCeiling = 256;

}  // namespace

RecordReader::RecordReader(Workspace& workspace, const DecodeOptions& options, RecordReceiver& receiver)
    : workspace_(workspace), options_(options), receiver_(receiver), overrides_(options),
      max_depth_(std::min(options.max_depth, kDepthCeiling)),
      keys_(options.kind == RecordKind::log ? workspace.log_keys : workspace.point_keys) {}

bool RecordReader::read(std::string_view text, TokenCursor& cursor, std::size_t index, Until until) {
  text_ = text;
  workspace_.arena.clear();
  workspace_.path.clear();
  members_ = 0;
  for (Slot& held : slots_) held.taken = false;
  if (!asides_.empty()) asides_.clear();
  if (!warnings_.empty()) warnings_.clear();
  error_.reset();
  clear();
  const std::size_t begin = cursor.position();
  if (!cursor.object([&](std::string_view key) { return member(cursor, key); })) return false;
  if (until != Until::anywhere && !(until == Until::limit ? cursor.done() : cursor.at_record_end())) return cursor.fail("nothing more on this line");
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

Claim RecordReader::claim(std::string_view name) const {
  if (overrides_.any()) {
    const Claim told = overrides_.claim_of(name);
    if (told.role != Role::none) return told;
  }
  return claim_of(name, options_.kind);
}

bool RecordReader::claimed(TokenCursor& cursor, std::string_view key, Claim claim) {
  const char c = cursor.peek();
  if (c == '{' || c == '[') {
    set_aside(claim, key, c == '{' ? ValueKind::object : ValueKind::array);
    return unclaimed(cursor, key);
  }
  Value value;
  if (!cursor.scalar(value)) return false;
  offer(key, value, claim);
  return true;
}

void RecordReader::offer(std::string_view name, const Value& value, const Claim& claim) {
  Slot& held = slot(claim.role);
  if (held.taken && claim.rank > held.rank) {
    if (value.kind != ValueKind::null) keep(name, value, claim.role);
    return;
  }
  std::int64_t number = 0;
  const Fit fits = fits_role(claim, value, number);
  if (fits == Fit::absent) return;
  if (fits == Fit::no) {
    set_aside(claim, name, value.kind);
    return keep(name, value, claim.role);
  }
  if (held.taken && held.rank != claim.rank) keep(held.key, held.value, claim.role);  // the same name again: the last wins
  held = {value, name, number, claim.rank, claim.reading, true};
}

Fit RecordReader::fits_role(const Claim& claim, const Value& value, std::int64_t& number) {
  if (claim.role != Role::source && claim.role != Role::deployment) return fit(claim, value, options_, number);
  // Mostly the same as before, which was looked at character by character.
  ValueMemory& before = claim.role == Role::source ? workspace_.source : workspace_.deployment;
  if (value.kind == ValueKind::string && !value.text.empty() && value.text.size() <= options_.max_name_bytes && before.is(value.text)) return Fit::yes;
  const Fit fits = fit(claim, value, options_, number);
  if (fits == Fit::yes) before.set(value.text);
  return fits;
}

void RecordReader::set_aside(const Claim& claim, std::string_view name, ValueKind kind) {
  // A name that is used for much else says nothing by not fitting.
  const bool number = kind == ValueKind::integer || kind == ValueKind::real;
  if (claim.reading == Reading::letter || (claim.reading == Reading::recent && number)) return;
  const bool container = kind == ValueKind::object || kind == ValueKind::array;
  // An object under an alias is most often what the alias means elsewhere.
  if (!container || claim.certain()) asides_.push_back({claim, kind, name});
}

std::span<const Warning> RecordReader::warnings() {
  for (const Aside& aside : asides_) {
    const Slot& held = slot(aside.claim.role);
    if (held.taken && !aside.claim.certain()) continue;
    const std::string_view name = aside.name;
    const bool member = held.taken && held.key.size() > name.size() && held.key.starts_with(name) && held.key[name.size()] == '.';
    if (member && aside.kind == ValueKind::object) continue;
    set_aside(misfit_code(aside.claim.role, aside.kind), name, misfit_message(aside.claim.role, aside.kind));
  }
  if (options_.strict && !warnings_.empty()) refuse(warnings_[0].code, warnings_[0].field, std::string(warnings_[0].message));
  return warnings_;
}

std::optional<Timestamp> RecordReader::time() {
  const Slot& held = slot(Role::time);
  const Slot& rest = slot(Role::nanos);
  if (rest.taken) {
    std::int64_t whole = 0;
    const bool apart = held.taken && held.reading == Reading::second && held.number % kSecond == 0;
    if (apart && !__builtin_add_overflow(held.number, rest.number, &whole)) return Timestamp{whole};
    keep(rest.key, rest.value, Role::nanos);
  }
  if (!held.taken) return std::nullopt;
  return Timestamp{held.number};
}

void RecordReader::refuse(ErrorCode code, std::string_view field, std::string message) {
  if (!error_) error_ = Error{code, std::move(message), std::string(field.substr(0, whole_characters(field, kMaxNameBytes)))};
}

std::string_view RecordReader::joined(std::string_view key) {
  const std::string& path = workspace_.path;
  const std::size_t size = path.empty() ? key.size() : path.size() + 1 + key.size();
  if (size > kMaxNameBytes) {
    refuse(ErrorCode::invalid_name, key.substr(0, whole_characters(key, 64)), "The name of a field has " + std::to_string(size) + " bytes; the limit is " +
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
  if (!too_deep && cursor.has_no_number()) out = quote_no_numbers(out, workspace_.arena);
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
