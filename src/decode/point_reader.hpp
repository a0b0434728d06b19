// Reads metric points out of JSON objects; the rules stand at JsonDecoder.
#pragma once

#include "decode/record_reader.hpp"

namespace penstock::decode {

class PointReader : public RecordReader {
 public:
  using RecordReader::RecordReader;

 protected:
  bool member(TokenCursor& cursor, std::string_view key) override;
  void finish(std::size_t index, std::size_t wire_bytes) override;
  void clear() override;
  void keep(std::string_view key, const Value& value, Role role) override;
  bool unclaimed(TokenCursor& cursor, std::string_view key) override { return label(cursor, key, 1, true); }

 private:
  // An object of labels, or an array of "name:value".
  bool labels(TokenCursor& cursor, std::string_view key);
  bool tag(TokenCursor& cursor, std::string_view key);
  bool label(TokenCursor& cursor, std::string_view key, std::size_t depth, bool known_names);
  bool metrics(TokenCursor& cursor, std::string_view key);
  bool sample(TokenCursor& cursor, std::string_view key, std::size_t depth);
  void add_label(std::string_view name, std::string_view text);
  // `field`: what a warning names.
  void add_sample(std::string_view name, const Value& value, std::string_view field);
  bool name_or_value(TokenCursor& cursor, std::string_view key, Value& out, bool& has);
  void take_named_value();

  Value name_, value_;
  bool has_name_ = false, has_value_ = false, has_metrics_ = false;
};

}  // namespace penstock::decode
