// The places for downloads: each keeps a worker thread and a page of rows for as long as its client takes what it asked for.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/worker_pool.hpp"
#include "http/byte_pipe.hpp"

namespace penstock::api {

// Thread-safe.
class Downloads {
 public:
  explicit Downloads(std::size_t places);

  // Runs `produce`, which writes into `pipe`, on a thread of its own. Where all places are taken, one whose client takes too
  // little gives way: its answer breaks off. False, at once, when none does.
  bool begin(const std::shared_ptr<http::BytePipe>& pipe, std::function<void()> produce);
  // Takes no more, and waits for those under way.
  void stop() { pool_.stop(); }

 private:
  bool find_place();
  void end(const http::BytePipe* pipe);

  const std::size_t places_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<http::BytePipe>> under_way_;
  WorkerPool pool_;
};

}  // namespace penstock::api
