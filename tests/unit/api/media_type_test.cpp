#include <gtest/gtest.h>

#include <string>

#include "api/ingest_endpoints.hpp"

namespace penstock::api {
namespace {

std::optional<Error> checked(std::string_view type) {
  http::RequestHead head;
  head.add_header("Content-Type", type);
  return check_json_media_type(head);
}

// As curl, wget, browsers' beacons and the documentation of loggers give it.
TEST(MediaTypes, WhatSendersSayOfJsonIsTaken) {
  for (const std::string_view type :
       {"", "*/*", "application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON", "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=UTF-8", "text/plain", "text/plain;charset=UTF-8", "text/json", "application/x-json", "application/ndjson",
        "application/x-ndjson", "application/x-jsonlines", "application/jsonl", "application/jsonlines", "application/json-seq", "application/stream+json",
        "application/vnd.api+json", "application/vnd.penstock.v1+json", "application/octet-stream", "binary/octet-stream"}) {
    EXPECT_FALSE(checked(type)) << type;
  }
}

TEST(MediaTypes, WhatSurelyIsNoneIsNot) {
  for (const std::string_view type :
       {"application/xml", "text/html", "application/x-protobuf", "application/x-snappy", "multipart/form-data; boundary=x", "image/png", "application/msgpack", "www", "x-"}) {
    const auto refused = checked(type);
    ASSERT_TRUE(refused) << type;
    EXPECT_EQ(refused->code, ErrorCode::unsupported_media_type) << type;
  }
}

}  // namespace
}  // namespace penstock::api
