// The composition root: builds every room in order, starts them, stops them in reverse.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "config/config.hpp"
#include "penstock/core/result.hpp"

namespace penstock::app {

struct Rooms;

// start, reload and stop belong to one thread.
class Application {
 public:
  explicit Application(const config::Config& config);
  ~Application();

  // Opens the journal and listens; the store may come later. An Error says what to do.
  Result<void> start();
  void reload();
  // Answers what is under way, commits it, delivers what it can, ends all threads and the private Postgres.
  void stop();

  std::string address() const;                 // "http://127.0.0.1:8080"
  const std::string& new_admin_token() const;
  const std::string& new_key_file() const;  // made at this start; else empty
  std::optional<Error> failure() const;        // why it stopped by itself

 private:
  const config::Config config_;
  std::unique_ptr<Rooms> rooms_;
};

}  // namespace penstock::app
