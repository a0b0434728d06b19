#include "http/request_parser.hpp"

#include <gtest/gtest.h>

namespace penstock::http {
namespace {

// What is not consumed comes again with more behind it, as it stands in a connection's buffer.
TEST(RequestParser, AChunkedBodyMayComeInPiecesOfAnySize) {
  const std::string body = "3\r\nabc\r\n0\r\n\r\n";
  for (std::string_view whole : {std::string_view(body), std::string_view(body).substr(8)}) {
    for (std::size_t step = 1; step <= whole.size(); ++step) {
      RequestHead head;
      RequestParser parser(head);
      ASSERT_TRUE(parser.parse_head("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"));
      std::size_t consumed = 0;
      for (std::size_t seen = step; !parser.done(); seen += step) {
        ASSERT_LT(consumed, whole.size());
        const auto fed = parser.feed(whole.substr(consumed, seen - consumed));
        ASSERT_TRUE(fed);
        consumed += *fed;
      }
      EXPECT_EQ(consumed, whole.size()) << step;
    }
  }
}

}  // namespace
}  // namespace penstock::http
