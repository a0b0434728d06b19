#include "http/head_guard.hpp"

#include <gtest/gtest.h>

#include "framing_cases.hpp"
#include "http/message.hpp"

namespace penstock::http {
namespace {

std::string head_of(const std::string& bytes) {
  const HeadScan scan = scan_head(bytes, 0);
  return scan.state == HeadScan::State::complete ? bytes.substr(0, scan.size) : std::string();
}

TEST(HeadGuard, EveryAmbiguousHeadIsRefusedWithItsStatus) {
  for (const auto& one : test::framing_cases()) {
    if (!one.in_head) continue;
    SCOPED_TRACE(one.name);
    const std::string head = head_of(one.bytes);
    if (head.empty()) {
      EXPECT_EQ(scan_head(one.bytes, 0).state, HeadScan::State::malformed);
      continue;
    }
    const Result<HeadFacts> facts = check_head(head, 64);
    ASSERT_FALSE(facts);
    EXPECT_EQ(status_of(facts.error().code), one.status);
  }
}

TEST(HeadGuard, WhatIsOnlyWrongInTheBodyPasses) {
  for (const auto& one : test::framing_cases()) {
    if (one.in_head) continue;
    SCOPED_TRACE(one.name);
    EXPECT_TRUE(check_head(head_of(one.bytes), 64));
  }
}

TEST(HeadGuard, FactsAreThoseOfThePlainCases) {
  const auto get = check_head("GET / HTTP/1.1\r\nHost: a.example:8080\r\n\r\n", 64);
  ASSERT_TRUE(get);
  EXPECT_TRUE(get->keep_alive);
  EXPECT_FALSE(get->has_body());
  const auto put = check_head("PUT /a HTTP/1.1\r\nhost:[::1]:80\r\ncontent-length: 12 \r\n"
                              "Expect: 100-Continue\r\nConnection: x, Close\r\n\r\n", 64);
  ASSERT_TRUE(put);
  EXPECT_EQ(put->content_length, 12U);
  EXPECT_TRUE(put->expects_continue);
  EXPECT_FALSE(put->keep_alive);
  const auto chunked = check_head("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n", 64);
  ASSERT_TRUE(chunked);
  EXPECT_TRUE(chunked->chunked);
  const auto old = check_head("GET / HTTP/1.0\r\n\r\n", 64);
  ASSERT_TRUE(old);
  EXPECT_FALSE(old->keep_alive);
  EXPECT_TRUE(check_head("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 64)->keep_alive);
}

TEST(HeadGuard, FieldsAreCounted) {
  std::string head = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 63; ++i) head += "X-" + std::to_string(i) + ": 1\r\n";
  EXPECT_TRUE(check_head(head + "\r\n", 64));
  const auto many = check_head(head + "X-64: 1\r\n\r\n", 64);
  ASSERT_FALSE(many);
  EXPECT_EQ(many.error().code, ErrorCode::header_too_large);
}

TEST(HeadGuard, AnUnknownExpectationIsNamed) {
  const auto facts = check_head("GET / HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\n\r\n", 64);
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().field, "Expect");
}

TEST(HeadGuard, TheEndIsFoundHoweverTheBytesArrive) {
  const std::string bytes = "GET / HTTP/1.1\r\nHost: x\r\n\r\nrest";
  for (std::size_t split = 0; split < bytes.size() - 4; ++split) {
    const HeadScan first = scan_head(std::string_view(bytes).substr(0, split), 0);
    ASSERT_EQ(first.state, HeadScan::State::need_more) << split;
    const HeadScan all = scan_head(bytes, split);
    ASSERT_EQ(all.state, HeadScan::State::complete) << split;
    ASSERT_EQ(all.size, bytes.size() - 4) << split;
  }
}

}  // namespace
}  // namespace penstock::http
