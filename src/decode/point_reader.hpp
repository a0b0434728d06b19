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
  void keep(std::string_view key, const Value& value) override;
  bool unclaimed(TokenCursor& cursor, std::string_view key) override { return label(cursor, key); }

 private:
  bool labels(TokenCursor& cursor, std::string_view key);
  bool label(TokenCursor& cursor, std::string_view key);
  bool metrics(TokenCursor& cursor, std::string_view key);
  bool sample(TokenCursor& cursor, std::string_view key, std::size_t depth);
  void add_sample(std::string_view name, const Value& value, std::string_view field);
  void take_named_value();

  Value name_, value_;
  bool has_name_ = false, has_value_ = false, has_metrics_ = false;
};

}  // namespace penstock::decode
