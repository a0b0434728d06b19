// The probes of sealing and packing work through real ciphers, and end.
#include "chunk/cipher_probe.hpp"

#include <gtest/gtest.h>

#include "support/fake_clock.hpp"

namespace penstock::chunk {
namespace {

TEST(CipherProbe, BothCiphersSealOpenAndRefuseWhatWasChanged) {
  const test::FakeClock clock;
  for (const Cipher cipher : {Cipher::aes_256_gcm, Cipher::chacha20_poly1305}) {
    const auto rate = cipher_rate(cipher, clock, std::chrono::milliseconds(0));
    ASSERT_TRUE(rate) << rate.error().message;
    EXPECT_GT(*rate, 0);
  }
}

TEST(CipherProbe, WhatWasPackedComesBack) {
  const auto rate = packing_rate(test::FakeClock(), std::chrono::milliseconds(0));
  ASSERT_TRUE(rate) << rate.error().message;
  EXPECT_GT(*rate, 0);
}

}  // namespace
}  // namespace penstock::chunk
