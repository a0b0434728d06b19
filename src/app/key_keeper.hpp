// The keys of this server's data folder and store, for the API.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>

#include "base/worker_pool.hpp"
#include "penstock/ports/audit_log.hpp"
#include "penstock/ports/clock.hpp"
#include "penstock/ports/file_system.hpp"
#include "penstock/ports/key_keeper.hpp"
#include "seal/envelope_sealer.hpp"
#include "seal/options.hpp"
#include "seal/outer_key.hpp"

namespace penstock::app {

struct SealedFolder {
  std::string data_dir;
  seal::Options options;
  seal::KeySource source;
};

// The references must outlive it.
class FolderKeys final : public KeyKeeper {
 public:
  // `envelope`: null where nothing is or will be sealed.
  FolderKeys(SealedFolder folder, FileSystem& files, seal::EnvelopeSealer* envelope, DataKeyStore& store, AuditLog& audit, const Clock& clock)
      : folder_(std::move(folder)), files_(files), envelope_(envelope), store_(store), audit_(audit), clock_(clock) {}
  ~FolderKeys() override { stop(); }
  // Called when data keys were replaced. Before the first rotate().
  void on_replaced(std::function<void()> call) { replaced_ = std::move(call); }
  void stop();  // a check that is under way ends

  Result<KeyStatus> status() override;
  Result<KeyRotation> rotate(bool data_keys) override;
  bool check() override;
  KeyCheck last_check() const override;

 private:
  KeyCheck try_all();
  void finish(KeyCheck done);

  const SealedFolder folder_;
  FileSystem& files_;
  seal::EnvelopeSealer* const envelope_;
  DataKeyStore& store_;
  AuditLog& audit_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  KeyCheck check_;
  std::mutex rotating_;
  std::function<void()> replaced_;
  std::atomic<bool> stopping_{false};
  WorkerPool pool_{"key-check", 1, 1};
};

}  // namespace penstock::app
