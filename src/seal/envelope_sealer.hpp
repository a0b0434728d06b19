// Sealing at rest: data keys under an outer key.
//
//     outer key (file, environment, credential)
//       ├─ roots of the key ring (a file of the data folder)      journal segments, files of the data folder, an agent's spool
//       └─ data keys (a table of the store)                       chunks of a deployment and day, its dead letters, its deletions
//
// What the ring opens needs no store: ingest goes on while that is away. What the store's keys open is gone with them.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "penstock/ports/data_keys.hpp"
#include "penstock/ports/sealer.hpp"
#include "seal/aead.hpp"
#include "seal/key_ring.hpp"
#include "seal/outer_key.hpp"

namespace penstock::seal {

// Thread-safe.
class EnvelopeSealer final : public Sealer {
 public:
  // `cipher`: nullopt seals nothing new, and opens what was sealed before.
  EnvelopeSealer(OuterKeys outer, KeyRing ring, std::optional<Cipher> cipher);

  // Keys of the store, from now on; without it they are `unavailable`. Must outlive this.
  void use_store(DataKeyStore& store);
  // Asked for the outer keys anew when the store says that another one is in force.
  void reread_outer_with(std::function<Result<OuterKeys>()> read);
  // What another process made of the ring: its newest root seals from the next segment on.
  void adopt(OuterKeys outer, KeyRing ring);
  // A ring that another process may have written: asked before a key of it is given out. Cheap when nothing changed.
  void watch_ring_with(std::function<void()> look);

  // key_mismatch: the store's keys are under an outer key that is not at hand. Makes ours the one in force of a store without any.
  Result<void> check_store();
  // Whether a key of the ring is there.
  bool has_root(KeyId key);
  // The deployment's keys in the store and here: nothing of it can be opened afterwards. How many.
  Result<std::uint64_t> destroy(const std::string& deployment);
  std::uint64_t keys_in_memory();

  Result<KeyId> key_for(std::string_view scope) override;
  Result<std::string> seal(KeyId key, std::string_view associated, std::string_view plain) override;
  Result<void> seal_onto(std::string& out, KeyId key, std::string_view associated, std::string_view plain) override;
  Result<std::string> open(KeyId key, std::string_view associated, std::string_view sealed) override;
  void forget_store_keys() override;

 private:
  struct DataKey {
    SecretKey key;
    Salt salt{};
    std::string deployment;
  };

  Result<KeyId> store_key(const std::string& deployment, const std::string& use, const std::string& scope);
  Result<WrappedKey> ask_for(const std::string& deployment, const std::string& use);
  Result<void> reread_outer();
  OuterKeys outer();
  DataKeyStore* store();
  Result<SecretKey> unwrapped(const WrappedKey& key);
  void remember(const WrappedKey& wrapped, const SecretKey& key);
  bool known(KeyId id, DataKey& found);
  Result<DataKey> find(KeyId id);

  const std::optional<Cipher> cipher_;
  std::mutex mutex_;
  OuterKeys outer_;
  KeyRing ring_;
  std::unordered_map<KeyId, DataKey> keys_;         // of ring and store
  std::unordered_map<std::string, KeyId> by_scope_;  // of the store, in force
  DataKeyStore* store_ = nullptr;
  std::function<Result<OuterKeys>()> read_outer_;
  std::function<void()> look_at_ring_;
};

// What a data key of the store is bound to under its outer key.
std::string data_key_place(const WrappedKey& key);

}  // namespace penstock::seal
