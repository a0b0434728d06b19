// Reads logs out of JSON objects; the rules stand at JsonDecoder.
#pragma once

#include "decode/record_reader.hpp"

namespace penstock::decode {

class LogReader : public RecordReader {
 public:
  // event: there may be nothing at all.
  enum class Leniency { log, event };

  LogReader(Workspace& workspace, const DecodeOptions& options, RecordReceiver& receiver, Leniency leniency = Leniency::log)
      : RecordReader(workspace, options, receiver), event_(leniency == Leniency::event) {}

 protected:
  bool member(TokenCursor& cursor, std::string_view key) override;
  void finish(std::size_t index, std::size_t wire_bytes) override;
  void clear() override {
    workspace_.fields.clear();
    empty_message_ = in_fields_ = false;
  }
  void keep(std::string_view key, const Value& value, Role role) override;
  bool unclaimed(TokenCursor& cursor, std::string_view key) override { return field(cursor, key, 1); }

 private:
  bool field(TokenCursor& cursor, std::string_view key, std::size_t depth);
  bool fields_object(TokenCursor& cursor, std::string_view key);
  // A message that is an array: of its bytes, as journald writes one that is not all printable text, or else a field.
  bool message_array(TokenCursor& cursor, std::string_view key, const Claim& claim);
  void add(std::string_view name, const FieldValue& value);
  std::string_view message() const;

  bool event_;
  bool empty_message_ = false;  // there is one, of no characters
  bool in_fields_ = false;      // within the object `fields`
};

}  // namespace penstock::decode
