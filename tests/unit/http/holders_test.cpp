#include "http/holders.hpp"

#include <gtest/gtest.h>

#include <list>

namespace penstock::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
constexpr Holders::Clock::time_point kJoined{seconds(1000)};
constexpr auto kLater = kJoined + seconds(2);
constexpr std::size_t kLimit = 16'000, kRate = 100;

struct Body final : Holder {
  void give_way(Gone gone) override {
    ++asked;
    gone();
  }
  int asked = 0;
};

class HoldersTest : public ::testing::Test {
 protected:
  ~HoldersTest() override {
    for (Body& body : bodies) holders.leave(body);
  }
  Body& holding(ConnectionSeats::Key address, std::size_t bytes) {
    Body& body = bodies.emplace_back();
    holders.join(body, address, holders.new_pace(kJoined));
    holders.moved(body, bytes, bytes, kJoined);
    return body;
  }
  bool ask(ConnectionSeats::Key address, Holders::Clock::time_point now) {
    bool gone = false;
    const bool somebody = holders.ask_one(address, now, [&gone] { gone = true; });
    EXPECT_EQ(somebody, gone);
    return somebody;
  }

  Holders holders{kLimit, seconds(1), kRate};
  std::list<Body> bodies;
};

TEST_F(HoldersTest, WhoKeepsThePaceIsNotAsked) {
  holding(1, 5000);
  EXPECT_FALSE(ask(2, kJoined + milliseconds(500)));
}

TEST_F(HoldersTest, TheLargestThatIsSlowGoesFirstAndEachOnlyOnce) {
  Body& small = holding(1, 1000);
  Body& large = holding(2, 4000);
  Body& nothing = holding(3, 0);
  EXPECT_TRUE(ask(4, kLater));
  EXPECT_EQ(large.asked, 1);
  EXPECT_TRUE(holders.was_asked(large));
  EXPECT_TRUE(ask(4, kLater));
  EXPECT_EQ(small.asked, 1);
  EXPECT_FALSE(ask(4, kLater)) << "who holds nothing has nothing to give";
  EXPECT_EQ(nothing.asked, 0);
}

TEST_F(HoldersTest, WhoHoldsMuchMustBeFasterThanWhoHoldsLittle) {
  Body& small = holding(1, 800);
  Body& large = holding(2, 7000);
  for (int second = 1; second <= 4; ++second) {
    holders.moved(small, 120, 800, kJoined + seconds(second));
    holders.moved(large, 120, 7000, kJoined + seconds(second));
  }
  EXPECT_TRUE(ask(3, kJoined + seconds(4)));
  EXPECT_EQ(large.asked, 1);
  EXPECT_FALSE(ask(3, kJoined + seconds(4)));
  EXPECT_EQ(small.asked, 0);
}

TEST_F(HoldersTest, AnAddressWithMoreThanHalfMakesRoomForOneWithLittleThoughItIsFast) {
  holding(1, 4500);
  Body& largest = holding(1, 5000);
  holding(2, 1000);
  EXPECT_FALSE(ask(1, kJoined)) << "not for itself";
  EXPECT_TRUE(ask(2, kJoined));
  EXPECT_EQ(largest.asked, 1);
}

TEST_F(HoldersTest, AnAddressWithHalfKeepsIt) {
  holding(1, 4000);
  holding(1, 4000);
  EXPECT_FALSE(ask(2, kJoined));
}

TEST_F(HoldersTest, WhoStandsForManyIsNotTakenForOneAddress) {
  holding(ConnectionSeats::kNobody, 9000);
  holding(ConnectionSeats::kNobody, 6000);
  EXPECT_FALSE(ask(2, kJoined));
  EXPECT_TRUE(ask(2, kLater)) << "but must keep the pace";
}

// Else a body could be sent byte by byte as long as each gives the server something to do.
TEST_F(HoldersTest, WhoLeavesForAMomentKeepsItsPace) {
  Body slow;
  HolderPlace place(holders, slow);
  const auto now = Holders::Clock::now();
  place.join(1, now - seconds(10));
  place.moved(0, 5000, now - seconds(10));
  place.leave();
  place.join(1, Holders::Clock::now());
  place.moved(1, 5000, Holders::Clock::now());
  EXPECT_TRUE(ask(2, Holders::Clock::now()));
  EXPECT_EQ(slow.asked, 1);
}

TEST_F(HoldersTest, ANewBodyOfTheSameConnectionWasNotAsked) {
  Body& body = holding(1, 1000);
  ASSERT_TRUE(ask(2, kLater));
  holders.leave(body);
  EXPECT_FALSE(holders.was_asked(body));
  holders.join(body, 1, holders.new_pace(kLater));
  EXPECT_FALSE(holders.was_asked(body));
}

}  // namespace
}  // namespace penstock::http
