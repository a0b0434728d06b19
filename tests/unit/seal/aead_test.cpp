// What is sealed comes back under its key and in its place, and nowhere else; no (key, nonce) pair comes twice.
#include "seal/aead.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "base/base64.hpp"
#include "base/hex.hpp"
#include "seal/cipher_probe.hpp"
#include "seal/fernet.hpp"
#include "seal/random.hpp"
#include "support/fake_clock.hpp"

namespace penstock::seal {
namespace {

constexpr std::array kAll = {Cipher::aes_256_gcm, Cipher::chacha20_poly1305, Cipher::fernet};

std::string sealed_with(Cipher cipher, const SecretKey& key, std::string_view place, std::string_view plain, const Salt& salt = random_salt()) {
  std::string out;
  const auto done = seal_onto(out, cipher, key, salt, place, plain);
  EXPECT_TRUE(done) << done.error().message;
  return out;
}

TEST(Sealing, ComesBackWithEveryCipherAndSize) {
  const SecretKey key = random_key();
  for (const Cipher cipher : kAll) {
    for (const std::size_t size : {0u, 1u, 15u, 16u, 17u, 1000u, 100'000u}) {
      const std::string plain(size, 'x');
      const auto opened = open_sealed(key, "place", sealed_with(cipher, key, "place", plain));
      ASSERT_TRUE(opened) << cipher_name(cipher) << " " << opened.error().message;
      EXPECT_EQ(*opened, plain);
    }
  }
}

TEST(Sealing, IsAppendedAndHidesThePlainText) {
  for (const Cipher cipher : kAll) {
    std::string out = "before";
    ASSERT_TRUE(seal_onto(out, cipher, random_key(), random_salt(), "", "canary canary canary"));
    EXPECT_TRUE(out.starts_with("before"));
    EXPECT_EQ(out.find("canary"), std::string::npos);
  }
}

TEST(Sealing, OpensNothingThatWasChangedInAnyBit) {
  const SecretKey key = random_key();
  for (const Cipher cipher : kAll) {
    const std::string sealed = sealed_with(cipher, key, "place", "what was written");
    for (std::size_t byte = 0; byte < sealed.size(); ++byte) {
      for (int bit = 0; bit < 8; ++bit) {
        std::string changed = sealed;
        changed[byte] = static_cast<char>(changed[byte] ^ (1 << bit));
        const auto opened = open_sealed(key, "place", changed);
        ASSERT_FALSE(opened) << cipher_name(cipher) << " byte " << byte;
        EXPECT_EQ(opened.error().code, ErrorCode::corrupt);
      }
    }
    for (std::size_t size = 0; size < sealed.size(); ++size) EXPECT_FALSE(open_sealed(key, "place", std::string_view(sealed).substr(0, size)));
    EXPECT_FALSE(open_sealed(key, "place", sealed + "x"));
  }
}

TEST(Sealing, OpensInNoOtherPlaceAndUnderNoOtherKey) {
  const SecretKey key = random_key();
  for (const Cipher cipher : kAll) {
    const std::string sealed = sealed_with(cipher, key, "place", "text");
    EXPECT_FALSE(open_sealed(key, "placf", sealed));
    EXPECT_FALSE(open_sealed(key, "", sealed));
    EXPECT_FALSE(open_sealed(random_key(), "place", sealed));
  }
}

// Of threads with one salt, and of a process that was forked with it: the nonces are drawn, not counted.
TEST(Sealing, UsesNoSaltAndNonceTwice) {
  const SecretKey key = random_key();
  const Salt salt = random_salt();
  constexpr std::size_t kPair = sizeof(Salt) + 12, kTimes = 2000;
  int channel[2];
  ASSERT_EQ(::pipe(channel), 0);
  std::set<std::string> seen;
  sealed_with(Cipher::aes_256_gcm, key, "", "", salt);
  const pid_t child = ::fork();
  if (child == 0) {
    for (std::size_t i = 0; i < kTimes; ++i) {
      const std::string sealed = sealed_with(Cipher::aes_256_gcm, key, "", "", salt);
      if (::write(channel[1], sealed.data() + 1, kPair) != static_cast<ssize_t>(kPair)) ::_exit(1);
    }
    ::_exit(0);
  }
  ::close(channel[1]);
  std::vector<std::vector<std::string>> of_threads(4);
  std::vector<std::thread> threads;
  for (auto& mine : of_threads) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < kTimes; ++i) mine.push_back(sealed_with(Cipher::aes_256_gcm, key, "", "", salt).substr(1, kPair));
    });
  }
  std::string pair(kPair, '\0');
  for (std::size_t i = 0; i < kTimes; ++i) {
    std::size_t got = 0;
    while (got < kPair) {
      const ssize_t more = ::read(channel[0], pair.data() + got, kPair - got);
      ASSERT_GT(more, 0);
      got += static_cast<std::size_t>(more);
    }
    EXPECT_TRUE(seen.insert(pair).second);
  }
  ::close(channel[0]);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  for (std::thread& thread : threads) thread.join();
  for (const auto& mine : of_threads) {
    for (const std::string& one : mine) EXPECT_TRUE(seen.insert(one).second);
  }
  EXPECT_EQ(seen.size(), 5 * kTimes);
}

TEST(Sealing, AKeySetForOneSaltDoesNotServeAnother) {
  const SecretKey one = random_key(), other = random_key();
  const Salt salt = random_salt(), further = random_salt();
  for (const Cipher cipher : {Cipher::aes_256_gcm, Cipher::chacha20_poly1305}) {
    const std::string a = sealed_with(cipher, one, "", "a", salt), b = sealed_with(cipher, one, "", "b", further),
                      c = sealed_with(cipher, other, "", "c", salt), d = sealed_with(cipher, one, "", "d", salt);
    EXPECT_EQ(*open_sealed(one, "", d), "d");
    EXPECT_EQ(*open_sealed(other, "", c), "c");
    EXPECT_EQ(*open_sealed(one, "", b), "b");
    EXPECT_EQ(*open_sealed(one, "", a), "a");
  }
}

// Made by another implementation (Python's cryptography) after the description in aead.hpp: what is on disks is read for ever.
TEST(Sealing, OpensWhatAnotherImplementationOfTheFormatSealed) {
  SecretKey key;
  for (unsigned char i = 0; i < SecretKey::kBytes; ++i) key.data()[i] = i;
  for (const std::string_view hex : {
           "016465666768696a6b6c6d6e6fc8c9cacbcccdcecfd0d1d2d35297dcdd96409215f422c2c4e54d7c92c34e9736a3c5d3122628aa27815d2de5641fec479dfea357",
           "026465666768696a6b6c6d6e6fc8c9cacbcccdcecfd0d1d2d378bcfc9dc461793a8d8e21bb2706032b9f0e44f0d3e45177176396db1c9186686bee1b97a4e9549e",
           "0380000000001dc09eb0000102030405060708090a0b0c0d0e0ffaad8de4a63a3b589f905cce9a3ca7e276d453c30ba0dd49e0b47e4713880a72515f17728d2a1159232744ddf1530bacbb"
           "78f99eb45d728c6684061419685c4ca787e8edcb5d03316dd96fb6b1b8425e12984fd39ea2b35a1d521240fa2b7a56",
       }) {
    std::string sealed;
    for (std::size_t i = 0; i < hex.size(); i += 2) sealed.push_back(static_cast<char>(hex_value(hex[i]) << 4 | hex_value(hex[i + 1])));
    const auto opened = open_sealed(key, "place", sealed);
    ASSERT_TRUE(opened) << hex << " " << opened.error().message;
    EXPECT_EQ(*opened, "corpus: what was written");
  }
}

TEST(Sealing, EachCipherIsKnownByItsName) {
  for (const Cipher cipher : kAll) EXPECT_EQ(cipher_named(cipher_name(cipher)), cipher);
  EXPECT_FALSE(cipher_named("rot13"));
}

TEST(CipherProbe, EveryCipherSealsOpensAndRefusesWhatWasChanged) {
  const test::FakeClock clock;
  for (const Cipher cipher : kAll) {
    const auto rate = cipher_rate(cipher, clock, std::chrono::milliseconds(0));
    ASSERT_TRUE(rate) << rate.error().message;
    EXPECT_GT(*rate, 0);
  }
}

// generate.json and verify.json of the specification.
constexpr std::string_view kSpecKey = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4";
constexpr std::string_view kSpecToken =
    "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA";

SecretKey spec_key() { return SecretKey(*from_base64url(kSpecKey)); }

TEST(Fernet, MakesAndOpensTheTokenOfTheSpecification) {
  std::array<unsigned char, 16> start;
  for (unsigned char i = 0; i < 16; ++i) start[i] = i;
  std::string token;
  ASSERT_TRUE(append_fernet(token, spec_key(), 499'162'800, start, "hello"));
  EXPECT_EQ(to_base64url(token), kSpecToken);
  EXPECT_EQ(open_fernet(spec_key(), token), "hello");
}

// invalid.json: incorrect mac, too short, payload size not multiple of block size, payload padding error, incorrect IV.
TEST(Fernet, RefusesTheInvalidTokensOfTheSpecification) {
  for (const std::string_view token : {
           "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykQUFBQUFBQUFBQQ",
           "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPA",
           "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPOm73QeoCk9uGib28Xe5vz6oxq5nmxbx_v7mrfyudzUm",
           "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0ODz4LEpdELGQAad7aNEHbf-JkLPIpuiYRLQ3RtXatOYREu2FWke6CnJNYIbkuKNqOhw",
           "gAAAAAAdwJ6xBQECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAnja1xKYyhd-Y6mSkTOyTGJmw2Xc2a6kBd-iX9b_qXQcw",
       }) {
    const auto bytes = from_base64url(token);
    ASSERT_TRUE(bytes) << token;
    EXPECT_FALSE(open_fernet(spec_key(), *bytes)) << token;
  }
}

}  // namespace
}  // namespace penstock::seal
