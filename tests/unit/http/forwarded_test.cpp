#include "http/forwarded.hpp"

#include <gtest/gtest.h>

namespace penstock::http {
namespace {

TrustedProxies proxies(const std::vector<std::string>& networks) {
  auto parsed = TrustedProxies::parse(networks);
  EXPECT_TRUE(parsed);
  return parsed ? *parsed : TrustedProxies();
}

bool trusts(const TrustedProxies& proxies, const char* address) { return proxies.trusts(boost::asio::ip::make_address(address)); }

TEST(TrustedProxies, AreThoseOfTheNetworksNamedAndLoopback) {
  const TrustedProxies named = proxies({"10.0.0.0/8", " 192.0.2.7", "2001:db8::/33", "172.16.0.0/12"});
  for (const char* yes : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "10.255.0.1", "::ffff:10.1.1.1", "192.0.2.7", "2001:db8:7fff::1",
                          "172.31.255.255"}) {
    EXPECT_TRUE(trusts(named, yes)) << yes;
  }
  for (const char* no : {"11.0.0.1", "192.0.2.8", "2001:db8:8000::1", "2001:db9::", "172.32.0.0", "::2"}) EXPECT_FALSE(trusts(named, no)) << no;
  EXPECT_TRUE(trusts(proxies({"0.0.0.0/0"}), "8.8.8.8"));
  EXPECT_FALSE(trusts(proxies({"0.0.0.0/0"}), "2001:db8::1"));
}

TEST(TrustedProxies, WhatIsNoNetworkIsSaid) {
  for (const char* bad : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.0.0/8", "proxy.example", "10.0.0.0/-1", "::1/129"}) {
    const auto parsed = TrustedProxies::parse({"10.0.0.0/8", bad});
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, ErrorCode::config_error);
    EXPECT_NE(parsed.error().message.find('"' + std::string(bad) + '"'), std::string::npos);
  }
}

std::string client(const std::vector<std::pair<const char*, const char*>>& fields) {
  RequestHead head;
  for (const auto& [name, value] : fields) head.add_header(name, value);
  const auto found = forwarded_client(head, proxies({"10.0.0.0/8"}));
  return found ? found->to_string() : "";
}

TEST(ForwardedClient, IsTheLastAddressThatIsNoTrustedProxy) {
  EXPECT_EQ(client({{"X-Forwarded-For", "198.51.100.7"}}), "198.51.100.7");
  EXPECT_EQ(client({{"x-forwarded-for", "203.0.113.9, 198.51.100.7, 10.0.0.2,10.0.0.3"}}), "198.51.100.7") << "what it made up does not count";
  EXPECT_EQ(client({{"X-Forwarded-For", "203.0.113.9"}, {"X-Forwarded-For", "198.51.100.7"}}), "198.51.100.7") << "fields are one list";
  EXPECT_EQ(client({{"X-Forwarded-For", "10.0.0.9, 127.0.0.1"}}), "10.0.0.9") << "the beginning of a chain that is trusted";
  EXPECT_EQ(client({{"X-Forwarded-For", "198.51.100.7:4711"}}), "198.51.100.7");
  EXPECT_EQ(client({{"X-Forwarded-For", "[2001:db8::5]:4711"}}), "2001:db8::5");
  EXPECT_EQ(client({{"X-Forwarded-For", "2001:db8::5"}}), "2001:db8::5");
  EXPECT_EQ(client({{"X-Forwarded-For", "::ffff:198.51.100.7"}}), "198.51.100.7");
}

TEST(ForwardedClient, IsReadFromForwardedToo) {
  EXPECT_EQ(client({{"Forwarded", "for=203.0.113.9;proto=http, for=198.51.100.7;by=10.0.0.1"}}), "198.51.100.7");
  EXPECT_EQ(client({{"Forwarded", "proto=https;For=\"[2001:db8::5]:4711\""}}), "2001:db8::5");
  EXPECT_EQ(client({{"Forwarded", "for=203.0.113.9"}, {"X-Forwarded-For", "198.51.100.7"}}), "198.51.100.7") << "the one that all proxies write";
}

TEST(ForwardedClient, IsUnknownWhereTheProxyNamesNobodyThatCanBeRead) {
  EXPECT_EQ(client({}), "");
  for (const char* value : {"unknown", "_hidden", "203.0.113.9, unknown", "", ",", "1.2.3", "198.51.100.7;"}) {
    EXPECT_EQ(client({{"X-Forwarded-For", value}}), "") << value;
  }
  EXPECT_EQ(client({{"Forwarded", "by=10.0.0.1"}}), "");
  EXPECT_EQ(client({{"X-Forwarded-For", "203.0.113.9, unknown, 10.0.0.3"}}), "10.0.0.3") << "as far as it can be read";
}

}  // namespace
}  // namespace penstock::http
