// Reads logs out of JSON objects; the rules stand at JsonDecoder.
#pragma once

#include "decode/record_reader.hpp"

namespace penstock::decode {

class LogReader : public RecordReader {
 public:
  // event: the message may be absent, and a time or severity that is none stays a field.
  enum class Leniency { log, event };

  LogReader(Workspace& workspace, const DecodeOptions& options, RecordReceiver& receiver, Leniency leniency = Leniency::log)
      : RecordReader(workspace, options, receiver), event_(leniency == Leniency::event) {}

 protected:
  bool member(TokenCursor& cursor, std::string_view key) override;
  void finish(std::size_t index, std::size_t wire_bytes) override;
  void clear() override { workspace_.fields.clear(); }
  void keep(std::string_view key, const Value& value) override;
  bool unclaimed(TokenCursor& cursor, std::string_view key) override { return field(cursor, key, 1); }

 private:
  bool field(TokenCursor& cursor, std::string_view key, std::size_t depth);
  bool fields_object(TokenCursor& cursor, std::string_view key);
  void add(std::string_view name, const FieldValue& value);
  std::optional<Severity> severity();

  bool event_;
};

}  // namespace penstock::decode
