// What a URL that a stranger gave may reach: spellings by which guards of this kind were passed elsewhere.
#include "http/outward.hpp"

#include <gtest/gtest.h>

#include "http/client_url.hpp"

namespace penstock::http {
namespace {

using boost::asio::ip::make_address;

OutwardPolicy policy(const std::vector<std::string>& allow_cidrs = {}) {
  auto parsed = OutwardPolicy::parse(allow_cidrs);
  EXPECT_TRUE(parsed);
  return parsed ? *parsed : OutwardPolicy();
}

// What becomes of a URL before anybody is asked for a name: "url" it is none, "spelling", the network's kind, "called", or "name".
std::string judged(std::string_view text) {
  const auto url = parse_client_url(text);
  if (!url) return "url";
  if (!is_spelled_plainly(url->host)) return "spelling";
  const auto address = parse_address(url->host);
  if (!address) return "name";
  const auto why = policy().refuses(*address);
  return why ? std::string(*why) : "called";
}

TEST(Outward, NoSpellingOfAnInnerAddressPasses) {
  const std::pair<const char*, const char*> cases[] = {
      // plain
      {"http://127.0.0.1/", "loopback"}, {"http://127.255.255.254", "loopback"}, {"https://10.0.0.1:8443/x?y", "private"},
      {"http://172.16.0.1", "private"}, {"http://172.31.255.255", "private"}, {"http://192.168.1.1", "private"},
      {"http://169.254.169.254/latest/meta-data/", "link-local"}, {"http://0.0.0.0:8080", "unspecified"}, {"http://0.1.2.3", "unspecified"},
      {"http://100.64.0.1", "shared by a provider's customers"}, {"http://100.127.255.255", "shared by a provider's customers"},
      {"http://192.0.0.192", "reserved for protocols"}, {"http://192.0.2.1", "for documentation"}, {"http://198.51.100.9", "for documentation"},
      {"http://203.0.113.9", "for documentation"}, {"http://198.18.0.1", "for benchmarks"}, {"http://198.19.255.255", "for benchmarks"},
      {"http://192.88.99.1", "a relay to IPv6"}, {"http://224.0.0.1", "multicast"}, {"http://239.255.255.250", "multicast"},
      {"http://240.0.0.1", "reserved"}, {"http://255.255.255.255", "reserved"},
      // numbers in other forms
      {"http://2130706433/", "spelling"}, {"http://0x7f000001/", "spelling"}, {"http://0X7F000001/", "spelling"}, {"http://017700000001/", "spelling"},
      {"http://0177.0.0.1/", "spelling"}, {"http://0x7f.0.0.1/", "spelling"}, {"http://127.1/", "spelling"}, {"http://127.0.1/", "spelling"},
      {"http://10.1/", "spelling"}, {"http://0/", "spelling"}, {"http://0x/", "spelling"}, {"http://127.0.0.0x1/", "spelling"},
      {"http://010.0.0.1/", "spelling"}, {"http://127.000.000.001/", "spelling"}, {"http://256.256.256.256/", "spelling"},
      {"http://4294967297/", "spelling"}, {"http://127.0.0.1./", "spelling"}, {"http://127.1./", "spelling"}, {"http://1.2.3.4.5/", "spelling"},
      {"http://evil.example.127/", "spelling"},
      // IPv6
      {"http://[::1]/", "loopback"}, {"http://[0:0:0:0:0:0:0:1]:80/", "loopback"}, {"http://[::]/", "unspecified"},
      {"http://[::ffff:127.0.0.1]/", "loopback"}, {"http://[::ffff:7f00:1]/", "loopback"}, {"http://[0:0:0:0:0:ffff:a9fe:a9fe]/", "link-local"},
      {"http://[::FFFF:10.0.0.1]/", "private"}, {"http://[::127.0.0.1]/", "not public"}, {"http://[::ffff:0:127.0.0.1]/", "not public"},
      {"http://[64:ff9b::7f00:1]/", "translated to IPv4"}, {"http://[64:ff9b::10.0.0.1]/", "translated to IPv4"},
      {"http://[64:ff9b:1::10.0.0.1]/", "not public"}, {"http://[2002:7f00:1::]/", "a tunnel to IPv4"}, {"http://[2002:c0a8:101::1]/", "a tunnel to IPv4"},
      {"http://[2001::1]/", "reserved for protocols"}, {"http://[2001:20::1]/", "reserved for protocols"}, {"http://[2001:db8::1]/", "for documentation"},
      {"http://[3fff::1]/", "for documentation"}, {"http://[fe80::1]/", "link-local"}, {"http://[febf::1]/", "link-local"}, {"http://[fec0::1]/", "not public"},
      {"http://[fc00::1]/", "private"}, {"http://[fdff::1]/", "private"}, {"http://[ff02::1]/", "multicast"}, {"http://[100::1]/", "not public"},
      {"http://[5f00::1]/", "for segment routing"}, {"http://[4000::1]/", "not public"},
      {"http://[fe80::1%25eth0]/", "spelling"}, {"http://[fe80::1%eth0]/", "spelling"}, {"http://[2606:4700::1%1]/", "spelling"},
      {"http://[127.0.0.1]/", "url"}, {"http://[::1/", "url"}, {"http://[]/", "url"}, {"http://[::1]x/", "url"}, {"http://[::1]@8.8.8.8/", "url"},
      {"http://::1/", "url"},
      // who is asked, and what only looks like it
      {"http://8.8.8.8@127.0.0.1/", "url"}, {"http://a:b@127.0.0.1/", "url"}, {"http://127.0.0.1\\@8.8.8.8/", "url"}, {"http://8.8.8.8\\.evil/", "url"},
      {"http://127.0.0.1#@8.8.8.8/", "loopback"}, {"http://127.0.0.1?@8.8.8.8/", "loopback"}, {"http://%31%32%37.0.0.1/", "url"},
      {"http://127%2e0%2e0%2e1/", "url"}, {"http://127.0.0.1%00.example/", "url"}, {"http://127。0。0。1/", "url"},
      {"http://127．0．0．1/", "url"}, {"http://①②⑦.0.0.1/", "url"}, {"http://１２７.0.0.1/", "url"},
      {"http://loc­alhost/", "url"}, {"http://127.0.0.1\t/", "url"}, {"http://127.0.0.1 /", "url"}, {" http://8.8.8.8/", "url"},
      {"http:///127.0.0.1/", "url"}, {"http:127.0.0.1/", "url"}, {"//127.0.0.1/", "url"}, {"http://./", "url"}, {"http://..../", "url"}, {"http://a..b/", "url"}, {"http://.a/", "url"},
      {"http://127.0.0.1:80:80/", "url"}, {"http://8.8.8.8:0/", "url"}, {"http://8.8.8.8:65536/", "url"}, {"http://8.8.8.8:+80/", "url"},
      {"http://8.8.8.8:0x50/", "url"}, {"http://8.8.8.8:/", "url"},
      {"file:///etc/passwd", "url"}, {"gopher://127.0.0.1/", "url"}, {"ftp://8.8.8.8/", "url"}, {"javascript:alert(1)", "url"}, {"httpx://8.8.8.8/", "url"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(judged(text), expected) << text;
}

TEST(Outward, WhatIsPublicMayBeCalled) {
  for (const char* text : {"http://8.8.8.8/", "https://1.1.1.1:443/x", "http://[2606:4700:4700::1111]/", "http://[2a00:1450::1]:81/", "HTTP://9.9.9.9",
                           "http://172.15.255.255", "http://172.32.0.0", "http://100.63.255.255", "http://100.128.0.0", "http://169.253.255.255",
                           "http://192.167.255.255", "http://[::ffff:8.8.8.8]/", "http://11.0.0.0", "http://126.255.255.255", "http://223.255.255.255"}) {
    EXPECT_EQ(judged(text), "called") << text;
  }
  for (const char* text : {"http://localhost/", "http://localhost./", "https://example.org./x", "http://xn--bcher-kva.example/", "http://a_b.example", "http://1e100.net",
                           "http://127.0.0.1.nip.io/", "http://0xdead.beef/"}) {
    EXPECT_EQ(judged(text), "name") << text;
  }
}

TEST(Outward, WhatIsListedMayBeCalledHoweverItComes) {
  const OutwardPolicy listed = policy({"10.1.0.0/16", "fd00::/8", "127.0.0.1"});
  for (const char* yes : {"10.1.2.3", "::ffff:10.1.2.3", "fd12::1", "127.0.0.1"}) EXPECT_FALSE(listed.refuses(make_address(yes))) << yes;
  for (const char* no : {"10.2.0.1", "::ffff:10.2.0.1", "fc00::1", "127.0.0.2", "::1"}) EXPECT_TRUE(listed.refuses(make_address(no))) << no;
  EXPECT_EQ(OutwardPolicy::parse({"10.0.0.0/33"}).error().code, ErrorCode::config_error);
}

}  // namespace
}  // namespace penstock::http
