// What reading a log and reading a point have in common.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decode/fitness.hpp"
#include "decode/overrides.hpp"
#include "decode/token_cursor.hpp"
#include "decode/workspace.hpp"
#include "penstock/ports/decoder.hpp"

namespace penstock::decode {

// Longer dotted names are refused: every leaf below a long name would repeat it.
inline constexpr std::size_t kMaxNameBytes = 1024;

// Reads records one after the other and hands them to the receiver. One thread, one body.
class RecordReader {
 public:
  RecordReader(Workspace& workspace, const DecodeOptions& options, RecordReceiver& receiver);
  virtual ~RecordReader() = default;

  enum class Until { anywhere, limit, next_record };  // limit: the cursor's; next_record: that, or what another record may come after

  // The cursor stands at a '{' of `text`. True: the object was read to its end, and given to the receiver or rejected with a reason.
  // False: the cursor's error; the receiver knows nothing. `until`: what may follow.
  bool read(std::string_view text, TokenCursor& cursor, std::size_t index, Until until);
  // A record that is no object, which the caller has skipped.
  void reject_type(std::size_t index);
  void reject(std::size_t index, Error error) { receiver_.reject(index, std::move(error)); }

 protected:
  // A role that several names may claim, with the best claim so far whose value fits.
  struct Slot {
    Value value;
    std::string_view key;
    std::int64_t number = 0;  // see fit()
    std::uint8_t rank = 255;
    Reading reading = Reading::usual;
    bool taken = false;
  };

  // Reads the value of one top-level member.
  virtual bool member(TokenCursor& cursor, std::string_view key) = 0;
  // The whole object was read without error.
  virtual void finish(std::size_t index, std::size_t wire_bytes) = 0;
  virtual void clear() = 0;
  // Keeps a value that lost its role, or does not fit it, under its own name.
  virtual void keep(std::string_view key, const Value& value, Role role) = 0;
  // Reads a value under a key that has no role, into what unknown keys become.
  virtual bool unclaimed(TokenCursor& cursor, std::string_view key) = 0;

  Claim claim(std::string_view name) const;
  // The same of a key at the top, in the order in which they come.
  Claim next_claim(std::string_view key) {
    return overrides_.any() ? claim(key) : keys_.claim_of(members_++, key, options_.kind);
  }
  // Reads the value of a key with one of the slot roles.
  bool claimed(TokenCursor& cursor, std::string_view key, Claim claim);
  // A value that is no object or array, under a name with one of those roles: takes it, or keeps it as it is.
  void offer(std::string_view name, const Value& value, const Claim& claim);
  const Slot& slot(Role role) const { return slots_[static_cast<std::size_t>(role)]; }
  Slot& slot(Role role) { return slots_[static_cast<std::size_t>(role)]; }

  // Notes that a value did not fit its role. Whether it becomes a warning is told when the record is whole: that of a name which also has
  // other meanings (an alias) only when the role got no value, that of an object only when none of its members was what was meant.
  void set_aside(const Claim& claim, std::string_view name, ValueKind kind);
  void set_aside(ErrorCode code, std::string_view name, std::string_view message) { warnings_.push_back({code, name, message}); }
  // Of the record at hand; refuses it instead where the request is strict. Once, when all members were read.
  std::span<const Warning> warnings();

  // Puts the nanoseconds that a logger sent apart back to their second, or keeps them as they are.
  std::optional<Timestamp> time();
  std::string_view text_of(Role role) const { return slot(role).taken ? slot(role).value.text : std::string_view(); }

  // The first error counts.
  void refuse(ErrorCode code, std::string_view field, std::string message);
  bool refused() const { return error_.has_value(); }

  // path + '.' + key in the arena, or the key alone at the top; refuses names that are too long.
  std::string_view dotted(std::string_view key) {
    return workspace_.path.empty() && key.size() <= kMaxNameBytes ? key : joined(key);
  }
  // A container as JSON text.
  bool json_text(TokenCursor& cursor, std::string_view key, std::size_t depth, std::string_view& out);
  void refuse_depth(std::string_view key);
  void refuse_size(std::size_t bytes);
  std::string_view joined(std::string_view key);

  Workspace& workspace_;
  const DecodeOptions& options_;
  RecordReceiver& receiver_;
  Overrides overrides_;
  std::size_t max_depth_;
  std::string_view text_;  // of the cursor in use

 private:
  Fit fits_role(const Claim& claim, const Value& value, std::int64_t& number);

  struct Aside {
    Claim claim;
    ValueKind kind = ValueKind::null;
    std::string_view name;
  };

  std::array<Slot, kSlotRoles> slots_;
  KeyMemory& keys_;
  std::size_t members_ = 0;  // of the record at hand, so far
  std::vector<Aside> asides_;
  std::vector<Warning> warnings_;
  std::optional<Error> error_;
};

}  // namespace penstock::decode
