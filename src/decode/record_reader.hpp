// What reading a log and reading a point have in common.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

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

  // The cursor stands at a '{' of `text`. True: the object was read to its end, and given to the receiver or rejected with a reason.
  // False: the cursor's error; the receiver knows nothing. `alone`: nothing may follow up to the cursor's limit.
  bool read(std::string_view text, TokenCursor& cursor, std::size_t index, bool alone);
  // A record that is no object, which the caller has skipped.
  void reject_type(std::size_t index);
  void reject(std::size_t index, Error error) { receiver_.reject(index, std::move(error)); }

 protected:
  // A key that several names may claim, with the best claim so far.
  struct Slot {
    Value value;
    std::string_view key;
    std::uint8_t rank = 255;
    bool taken = false;
  };

  // Reads the value of one top-level member.
  virtual bool member(TokenCursor& cursor, std::string_view key) = 0;
  // The whole object was read without error.
  virtual void finish(std::size_t index, std::size_t wire_bytes) = 0;
  virtual void clear() = 0;
  // Keeps a value that lost its role, or never had it, under its own name.
  virtual void keep(std::string_view key, const Value& value) = 0;
  // Reads a value under a key that has no role, into what unknown keys become.
  virtual bool unclaimed(TokenCursor& cursor, std::string_view key) = 0;

  Claim claim(std::string_view key) const;
  // Reads the value of a key with one of the slot roles.
  bool claimed(TokenCursor& cursor, std::string_view key, Claim claim);
  void offer(std::string_view key, const Value& value, Claim claim);
  const Slot& slot(Role role) const { return slots_[static_cast<std::size_t>(role)]; }
  Slot& slot(Role role) { return slots_[static_cast<std::size_t>(role)]; }

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
  std::array<Slot, kSlotRoles> slots_;
  std::optional<Error> error_;
};

}  // namespace penstock::decode
