// The probe of packing works through the real packer, and ends.
#include "chunk/packing_probe.hpp"

#include <gtest/gtest.h>

#include "support/fake_clock.hpp"

namespace penstock::chunk {
namespace {

TEST(PackingProbe, WhatWasPackedComesBack) {
  const auto rate = packing_rate(test::FakeClock(), std::chrono::milliseconds(0));
  ASSERT_TRUE(rate) << rate.error().message;
  EXPECT_GT(*rate, 0);
}

}  // namespace
}  // namespace penstock::chunk
