// A bounded pipe from a producer thread to a response's BodyStream.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "http/message.hpp"

namespace penstock::http {

// One writer thread at a time, one reader on the executor's thread. A handle to shared state lives in both; the pipe
// ends when the reader (the stream) is destroyed or canceled: writes answer false from then on.
class BytePipe {
 public:
  // `max_bytes`: what may wait in the pipe. One piece larger than that passes alone.
  static std::shared_ptr<BytePipe> create(boost::asio::any_io_executor executor, std::size_t max_bytes);
  ~BytePipe();  // closes: a producer that dies ends the body

  // Blocks while the pipe is full; false when the reader is gone. Never from an io thread.
  bool write(std::string piece);
  // False when full or the reader is gone; the piece is dropped then. `at_most`: what may wait now, if less than max_bytes.
  bool try_write(std::string piece, std::size_t at_most = static_cast<std::size_t>(-1));
  bool reader_gone() const;
  // Something waits, and its reader takes less than 64 KiB a second, or has taken nothing for a second.
  bool crawls() const;
  // The end of the body as a failure, without what still waits. Any thread.
  void abandon();
  // The end of the body, after what was written. Later writes answer false.
  void close();
  // The end of the body as a failure: the connection is cut, so that the client does not take the part for the whole.
  void fail();
  // The reader's end; call once.
  std::unique_ptr<BodyStream> stream();

 private:
  struct State;
  explicit BytePipe(std::shared_ptr<State> state);
  class Reader;
  std::shared_ptr<State> state_;
};

}  // namespace penstock::http
