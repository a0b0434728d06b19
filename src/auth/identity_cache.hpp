// The identities in memory: loaded from the store, looked after while the server runs, and known while the store is away.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "auth/directory.hpp"
#include "auth/read_mostly.hpp"
#include "auth/token_source.hpp"
#include "penstock/core/deployment_rules.hpp"
#include "penstock/ports/clock.hpp"
#include "penstock/ports/identity_store.hpp"

namespace penstock::auth {

// Thread-safe. Changes that went through refresh() count from its return on, those of other servers within `look_every`.
class IdentityCache {
 public:
  struct Options {
    std::chrono::nanoseconds keep_known{0};  // how long known tokens are taken while the store is away; 0: as long as it is
    std::chrono::milliseconds look_every{500};
    std::chrono::seconds note_every{60};     // last uses
    std::string kept_file = {};              // what is known, for a start while the store is away; empty: nowhere
    std::vector<RetentionRule> retention = {};  // the configuration's, after those that are set
  };

  // `clock` must not run backwards. The references outlive it.
  IdentityCache(IdentityStore& store, const Clock& clock, const Options& options);
  ~IdentityCache();  // stop()

  // Takes what the file keeps, as of a look of then. For the start, before anybody asks.
  void recall();
  // Begins to look; the schema must be there. Until the first look has succeeded nobody is known, and whoever asks is told that the store is away.
  void start();
  void stop();

  TokenSource& tokens() { return tokens_; }
  TokenSource& sessions() { return sessions_; }
  TokenSource& certificates() { return certificates_; }

  // What is set about deployments, as of the last look, however long ago that is: what is declared stays declared.
  const CurrentRules& rules() const { return rules_; }
  // As of the last look; null before the first.
  std::shared_ptr<const Directory> directory() const;
  // Looks now. Blocks.
  Result<std::shared_ptr<const Directory>> refresh();
  // Writes down what was used since the last time. Blocks.
  void note_uses();
  // For /ready: empty while the store answers.
  std::string problem() const;

 private:
  class Source final : public TokenSource {
   public:
    Source(IdentityCache& cache, Shown shown) : cache_(cache), shown_(shown) {}
    std::optional<PrincipalPtr> find(const TokenDigest& digest) override { return cache_.find(shown_, digest); }
    void look_up(const TokenDigest& digest, std::function<void(Result<PrincipalPtr>)> done) override {
      cache_.look_up(shown_, digest, std::move(done));
    }
    bool still_valid(const Principal& principal) override { return cache_.still_valid(shown_, principal); }

   private:
    IdentityCache& cache_;
    const Shown shown_;
  };
  struct Asked {
    Shown shown;
    TokenDigest digest;
    std::function<void(Result<PrincipalPtr>)> done;
  };

  // What is taken for true, and until when.
  struct Trusted {
    std::shared_ptr<const Directory> directory;  // null before the first look
    std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
  };

  std::optional<PrincipalPtr> find(Shown shown, const TokenDigest& digest);
  void look_up(Shown shown, const TokenDigest& digest, std::function<void(Result<PrincipalPtr>)> done);
  bool still_valid(Shown shown, const Principal& principal);
  const Directory* directory_in(const Trusted& trusted) const;
  bool counts(const Directory& directory, const Directory::Entry& entry, Shown shown, Timestamp now) const;
  void publish();  // with mutex_ held
  void answer(std::vector<Asked> asked, const Result<std::shared_ptr<const Directory>>& looked);
  void keep();
  void set_rules(const Directory& known);
  void run();

  IdentityStore& store_;
  const Clock& clock_;
  const Options options_;
  Source tokens_{*this, Shown::token}, sessions_{*this, Shown::session}, certificates_{*this, Shown::certificate};

  CurrentRules rules_;
  ReadMostly<Trusted> trusted_;  // of what mutex_ guards, for every request

  std::mutex refreshing_;
  std::chrono::steady_clock::time_point loaded_at_;  // of refreshing_
  bool loaded_ = false;                              // the same: by this process, so whole

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::shared_ptr<const Directory> directory_;
  std::chrono::steady_clock::time_point answered_at_;  // when the store last did
  Timestamp known_at_;                                 // the same, for people
  bool away_ = true;
  std::vector<Asked> asked_;
  bool stopping_ = false;
  // Of the thread alone.
  std::int64_t kept_version_ = -1;
  std::chrono::steady_clock::time_point kept_at_;
  std::thread thread_;
};

}  // namespace penstock::auth
