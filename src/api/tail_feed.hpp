// What one live tail sends: past records first when it resumes, then the hub's, each once.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/log_tail.hpp"
#include "http/byte_pipe.hpp"

namespace penstock::api {

// Made and ended by the connection's io thread; begin and catch_up run on a worker. What the hub hands out while the past is still being
// caught up waits here, within the same bound as what waits for the client.
class TailFeed : public std::enable_shared_from_this<TailFeed> {
 public:
  TailFeed(query::TailHub& hub, const boost::asio::any_io_executor& executor);
  ~TailFeed();

  const std::shared_ptr<http::BytePipe>& pipe() const { return pipe_; }

  // From now on; `first` is told before anything else. Errors of the hub's subscribe().
  Result<void> begin(const query::Scope& scope, const query::LogQuery& query, std::string first = {});
  // What arrived after `position`, then as begin(). Blocks for as long as the client needs to read it. Cuts the connection when the past
  // cannot be read whole now: the client comes again with the position it has.
  void catch_up(const LogTail& tail, TailPosition position, const StopFlag& gone);
  // The client is gone, or the answer is over.
  void end();

 private:
  Result<Sequence> subscribe(const query::Scope& scope, const query::LogQuery& query);
  Result<void> hand_out_past(const LogTail& tail, TailPosition& position, Sequence end, const StopFlag& gone);
  bool take(std::string text);  // from the hub's thread
  void open_gate();             // the past is through

  query::TailHub& hub_;
  const std::shared_ptr<http::BytePipe> pipe_;
  std::mutex mutex_;
  std::optional<query::TailHub::Id> subscription_;
  bool ended_ = false;
  bool past_is_through_ = false;
  std::vector<std::string> waiting_;
  std::size_t waiting_bytes_ = 0;
};

}  // namespace penstock::api
