#include "api/downloads.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <future>
#include <thread>

#include "support/patience.hpp"

namespace penstock::api {
namespace {

// Writes until its pipe takes no more, as a download does whose client does not read.
struct Endless {
  explicit Endless(boost::asio::io_context& context) : pipe(http::BytePipe::create(context.get_executor(), 1000)), client(pipe->stream()) {}

  bool begin(Downloads& downloads) {
    return downloads.begin(pipe, [this] {
      while (pipe->write(std::string(600, 'x'))) continue;
      ended.set_value();
    });
  }

  std::shared_ptr<http::BytePipe> pipe;
  std::unique_ptr<http::BodyStream> client;
  std::promise<void> ended;
};

TEST(Downloads, WithAllPlacesTakenAFurtherOneIsRefusedAtOnceUntilOneCrawlsAndGivesWay) {
  boost::asio::io_context context;
  Endless first(context), second(context);
  Downloads downloads(1);
  ASSERT_TRUE(first.begin(downloads));
  EXPECT_FALSE(second.begin(downloads)) << "the first has only begun";
  const auto deadline = std::chrono::steady_clock::now() + test::kPatience;
  while (!first.pipe->crawls() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  ASSERT_TRUE(second.begin(downloads));
  EXPECT_EQ(first.ended.get_future().wait_for(test::kPatience), std::future_status::ready);
  second.client.reset();
  EXPECT_EQ(second.ended.get_future().wait_for(test::kPatience), std::future_status::ready);
}

TEST(Downloads, APlaceIsFreeAgainWhenItsClientHasLeft) {
  boost::asio::io_context context;
  Endless first(context), second(context);
  Downloads downloads(1);
  ASSERT_TRUE(first.begin(downloads));
  first.client.reset();
  first.ended.get_future().wait();
  const auto deadline = std::chrono::steady_clock::now() + test::kPatience;
  while (!second.begin(downloads)) ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  second.client.reset();
}

}  // namespace
}  // namespace penstock::api
