// A body and what must become of it.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "decode/json_decoder.hpp"
#include "recording_receiver.hpp"

namespace penstock::test {

struct BodyCase {
  std::string body;
  std::string expected;  // RecordingReceiver's lines, or "error CODE"
};

inline std::string decode_text(std::string_view body, const DecodeOptions& options) {
  RecordingReceiver receiver;
  const Result<void> result = decode::JsonDecoder().decode(body, options, receiver);
  if (!result) return "error " + std::string(error_name(result.error().code));
  std::string text = receiver.text();
  if (!text.empty()) text.pop_back();
  return text;
}

inline void expect_cases(const std::vector<BodyCase>& cases, const DecodeOptions& options) {
  for (const BodyCase& one : cases) {
    // Once as it is, and once in memory of exactly its size, so that a sanitizer sees any byte read past it.
    const std::vector<char> exact(one.body.begin(), one.body.end());
    EXPECT_EQ(decode_text(std::string_view(exact.data(), exact.size()), options), one.expected) << "body: " << one.body;
  }
}

}  // namespace penstock::test
