#include "base/crc32c.hpp"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(Crc32c, HasTheValuesOfRfc3720) {
  std::string rising(32, '\0'), falling(32, '\0');
  for (std::size_t i = 0; i < 32; ++i) {
    rising[i] = static_cast<char>(i);
    falling[i] = static_cast<char>(31 - i);
  }
  const std::pair<std::string, std::uint32_t> cases[] = {{std::string(32, '\0'), 0x8a9136aa}, {std::string(32, '\xff'), 0x62a8ab43},
                                                         {rising, 0x46dd794e},                {falling, 0x113fdb5c},
                                                         {"123456789", 0xe3069283},           {"", 0}};
  for (const auto& [bytes, expected] : cases) {
    EXPECT_EQ(crc32c(bytes), expected);
    EXPECT_EQ(crc32c_by_table(bytes), expected);
  }
}

TEST(Crc32c, InstructionAndTableAgreeAndCanBeContinued) {
  std::mt19937 random(3);
  std::string bytes;
  for (std::size_t size = 0; size < 200; ++size, bytes += static_cast<char>(random())) {
    const std::uint32_t whole = crc32c(bytes);
    EXPECT_EQ(whole, crc32c_by_table(bytes));
    const std::size_t cut = size == 0 ? 0 : random() % size;
    const std::string_view text(bytes);
    EXPECT_EQ(crc32c(text.substr(cut), crc32c(text.substr(0, cut))), whole);
    EXPECT_EQ(crc32c_by_table(text.substr(cut), crc32c_by_table(text.substr(0, cut))), whole);
  }
}

}  // namespace
}  // namespace penstock
