#include "http/target.hpp"

#include <gtest/gtest.h>

#include "http/client_url.hpp"
#include "http/request_head.hpp"

namespace penstock::http {
namespace {

TEST(Target, PathsAreDecodedOnceAndNormalised) {
  const std::pair<const char*, const char*> cases[] = {
      {"/", "/"}, {"/a/b", "/a/b"}, {"/a%20b", "/a b"}, {"/a+b", "/a+b"}, {"/%252e", "/%2e"}, {"/a/./b", "/a/b"},
      {"/a/../b", "/b"}, {"/a/..", "/"}, {"/a/b/..", "/a/"}, {"/a/%2e%2e/b", "/b"}, {"/.", "/"}, {"/a//b", "/a//b"},
      {"/.well-known/x", "/.well-known/x"}, {"/..a", "/..a"}, {"http://host:1/a?b", "/a"}, {"HTTPS://host", "/"},
      {"http://host?x=1", "/"}, {"*", "*"}, {"/logs/sh%C3%B6p", "/logs/sh\xC3\xB6p"}};
  for (const auto& [target, path] : cases) {
    const auto parsed = parse_target(target);
    ASSERT_TRUE(parsed) << target;
    EXPECT_EQ(parsed->path, path) << target;
  }
}

TEST(Target, MalformedTargetsAreRefused) {
  for (const char* target : {"", "a", "/%", "/%2", "/%zz", "/%00", "/a%0ab", "/..", "/a/../..", "/%2e%2e/etc", "/a#b",
      "host:80",
                             "http:///a", "ftp://x/", "/?a=%", "?a=1"}) {
    EXPECT_FALSE(parse_target(target)) << target;
  }
}

TEST(Target, QueriesKeepOrderRepetitionsAndEmptyValues) {
  RequestHead head;
  ASSERT_TRUE(head.set_target("/x?b=2&a=1+1&b=%26%3D&flag&&=v"));
  EXPECT_EQ(head.query, (QueryParameters{{"b", "2"}, {"a", "1 1"}, {"b", "&="}, {"flag", ""}, {"", "v"}}));
  EXPECT_EQ(head.query_value("a"), "1 1");
  EXPECT_EQ(head.query_value("B"), std::nullopt);
  EXPECT_EQ(head.query_values("b"), (std::vector<std::string_view>{"2", "&="}));
}

TEST(Target, QueryParametersAreBounded) {
  std::string query;
  for (int i = 0; i < 1000; ++i) query += "a&";
  EXPECT_TRUE(parse_query(query));
  EXPECT_FALSE(parse_query(query + "a"));
}

TEST(Target, EncodingIsUndoneByDecoding) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(percent_decode(percent_encode(all), true), all);
}

TEST(RequestHead, HeadersAreFoundInAnyCase) {
  RequestHead head;
  head.add_header("Content-Type", "text/plain");
  head.add_header("X-A", "1");
  head.add_header("x-a", "2");
  EXPECT_EQ(head.header("content-type"), "text/plain");
  EXPECT_EQ(head.header("x-A"), "1");
  EXPECT_EQ(head.header("x"), "");
  EXPECT_FALSE(head.has_header("x"));
  const RequestHead copy = head;
  EXPECT_EQ(copy.header_at(2).second, "2");
}

TEST(ClientUrl, PartsAreTakenApart) {
  const auto plain = parse_client_url("http://host/a?b#c");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->host, "host");
  EXPECT_EQ(plain->port, "80");
  EXPECT_EQ(plain->host_field, "host");
  EXPECT_EQ(plain->target, "/a?b");
  const auto six = parse_client_url("https://[::1]:8443");
  ASSERT_TRUE(six);
  EXPECT_TRUE(six->secure);
  EXPECT_EQ(six->host, "::1");
  EXPECT_EQ(six->host_field, "[::1]:8443");
  EXPECT_EQ(six->target, "/");
}

TEST(ClientUrl, WhatCannotBeCalledIsRefused) {
  for (const char* url : {"", "host", "ftp://x", "http://", "http://a@b", "http://x:0", "http://x:99999",
      "http://x:1a", "http://x/\r\nA: b",
                          "http://[::1", "http://x:"}) {
    EXPECT_FALSE(parse_client_url(url)) << url;
  }
}

}  // namespace
}  // namespace penstock::http
