#include "seal/envelope_sealer.hpp"

#include <utility>
#include <vector>

#include "base/failpoint.hpp"
#include "base/hex.hpp"
#include "base/log.hpp"
#include "seal/random.hpp"

namespace penstock::seal {
namespace {

constexpr std::size_t kMostKeys = 16'384;  // in memory, 100 bytes each: 20 deployments for two years

// "chunk/<deployment>/<day>" is of the deployment, for the use "chunk/<day>"; "dead-letter/<deployment>" for "dead-letter"; "identity/" of none.
bool of_the_store(std::string_view scope, std::string& deployment, std::string& use) {
  const std::size_t first = scope.find('/');
  if (first == std::string_view::npos) return false;
  const std::string_view kind = scope.substr(0, first);
  if (kind != "chunk" && kind != "dead-letter" && kind != "deletion" && kind != "identity") return false;
  const std::string_view rest = scope.substr(first + 1);
  const std::size_t second = rest.find('/');
  deployment = rest.substr(0, second);
  use = kind;
  if (second != std::string_view::npos) use += rest.substr(second);
  return true;
}

KeyId random_store_id() {
  KeyId id = 0;
  fill_random({reinterpret_cast<unsigned char*>(&id), sizeof id});
  return id | kStoreKey;
}

Error destroyed() {
  return {ErrorCode::key_mismatch, "The key of these bytes is not there (any more): its deployment was deleted, or they belong to another store.", ""};
}

}  // namespace

std::string data_key_place(const WrappedKey& key) {
  std::string place = "data/";
  append_hex(place, key.id);
  return place + "/" + key.deployment + "/" + key.use;
}

EnvelopeSealer::EnvelopeSealer(OuterKeys outer, KeyRing ring, std::optional<Cipher> cipher)
    : cipher_(cipher), outer_(std::move(outer)), ring_(std::move(ring)) {
  for (const KeyRing::Root& root : ring_.roots()) keys_[root.id] = {root.key, random_salt(), ""};
}

void EnvelopeSealer::use_store(DataKeyStore& store) {
  const std::lock_guard lock(mutex_);
  store_ = &store;
}

void EnvelopeSealer::reread_outer_with(std::function<Result<OuterKeys>()> read) {
  const std::lock_guard lock(mutex_);
  read_outer_ = std::move(read);
}

void EnvelopeSealer::watch_ring_with(std::function<void()> look) {
  const std::lock_guard lock(mutex_);
  look_at_ring_ = std::move(look);
}

void EnvelopeSealer::adopt(OuterKeys outer, KeyRing ring) {
  const std::lock_guard lock(mutex_);
  outer_ = std::move(outer);
  ring_ = std::move(ring);
  for (const KeyRing::Root& root : ring_.roots()) keys_.try_emplace(root.id, DataKey{root.key, random_salt(), ""});
}

OuterKeys EnvelopeSealer::outer() {
  const std::lock_guard lock(mutex_);
  return outer_;
}

DataKeyStore* EnvelopeSealer::store() {
  const std::lock_guard lock(mutex_);
  return store_;
}

Result<void> EnvelopeSealer::reread_outer() {
  std::function<Result<OuterKeys>()> read;
  {
    const std::lock_guard lock(mutex_);
    read = read_outer_;
  }
  if (!read) return {};
  auto keys = read();
  if (!keys) return std::move(keys).error();
  const std::lock_guard lock(mutex_);
  outer_ = std::move(*keys);
  return {};
}

Result<void> EnvelopeSealer::check_store() {
  DataKeyStore* const keys = store();
  if (keys == nullptr) return {};
  auto in_force = keys->outer_in_force(outer().current().fingerprint);
  if (!in_force) return std::move(in_force).error();
  if (outer().find(*in_force) == nullptr) {
    if (auto read = reread_outer(); !read) return read;
  }
  const OuterKeys own = outer();
  if (own.find(*in_force) != nullptr) return {};
  return Error{ErrorCode::key_mismatch,
               "The data in the database is sealed with the outer key " + *in_force + ", and the one at hand is " + own.fingerprints() +
                   ": give the right one (seal.key_file, seal.key). Nothing was changed.",
               "seal.key_file"};
}

bool EnvelopeSealer::has_root(KeyId key) {
  const std::lock_guard lock(mutex_);
  return ring_.find(key) != nullptr;
}

std::uint64_t EnvelopeSealer::keys_in_memory() {
  const std::lock_guard lock(mutex_);
  return keys_.size();
}

Result<std::uint64_t> EnvelopeSealer::destroy(const std::string& deployment) {
  DataKeyStore* const keys = store();
  if (keys == nullptr) return std::uint64_t{0};
  auto gone = keys->destroy(deployment);
  if (!gone) return gone;
  forget_store_keys();
  return gone;
}

void EnvelopeSealer::forget_store_keys() {
  const std::lock_guard lock(mutex_);
  by_scope_.clear();
  std::erase_if(keys_, [](const auto& entry) { return (entry.first & kStoreKey) != 0; });
}

Result<KeyId> EnvelopeSealer::key_for(std::string_view scope) {
  if (!cipher_) return KeyId{0};
  std::string deployment, use;
  if (of_the_store(scope, deployment, use)) return store_key(deployment, use, std::string(scope));
  std::function<void()> look;
  {
    const std::lock_guard lock(mutex_);
    look = look_at_ring_;
  }
  if (look) look();
  const std::lock_guard lock(mutex_);
  const KeyId id = ring_.newest().id;
  keys_[id].salt = random_salt();
  return id;
}

Result<KeyId> EnvelopeSealer::store_key(const std::string& deployment, const std::string& use, const std::string& scope) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = by_scope_.find(scope);
    if (found != by_scope_.end() && keys_.contains(found->second)) return found->second;
  }
  auto wrapped = ask_for(deployment, use);
  if (!wrapped && wrapped.error().code == ErrorCode::key_mismatch) {
    // The outer key was changed meanwhile: by us with a new file, or we have not got the new one.
    if (auto fine = check_store(); !fine) return fine.error();
    wrapped = ask_for(deployment, use);
  }
  if (!wrapped) return std::move(wrapped).error();
  failpoint("seal.data_key.kept");
  auto key = unwrapped(*wrapped);
  if (!key) return std::move(key).error();
  remember(*wrapped, *key);
  const std::lock_guard lock(mutex_);
  by_scope_[scope] = wrapped->id;
  return wrapped->id;
}

Result<WrappedKey> EnvelopeSealer::ask_for(const std::string& deployment, const std::string& use) {
  DataKeyStore* const keys = store();
  if (keys == nullptr) return Error{ErrorCode::unavailable, "The store with the data keys is not open.", ""};
  WrappedKey fresh{random_store_id(), deployment, use, ""};
  const OuterKeys own = outer();
  auto in_force = keys->outer_in_force(own.current().fingerprint);
  if (!in_force) return std::move(in_force).error();
  const OuterKey* const wrapping = own.find(*in_force);
  if (wrapping == nullptr) return Error{ErrorCode::key_mismatch, "The store's outer key is another.", ""};
  auto bytes = wrap(*wrapping, *cipher_, data_key_place(fresh), random_key());
  if (!bytes) return std::move(bytes).error();
  fresh.wrapped = std::move(*bytes);
  return keys->in_force(fresh, wrapping->fingerprint);
}

Result<SecretKey> EnvelopeSealer::unwrapped(const WrappedKey& key) {
  auto opened = unwrap(outer(), data_key_place(key), key.wrapped, "The database");
  if (opened || opened.error().code != ErrorCode::key_mismatch) return opened;
  if (auto read = reread_outer(); !read) return read.error();
  return unwrap(outer(), data_key_place(key), key.wrapped, "The database");
}

void EnvelopeSealer::remember(const WrappedKey& wrapped, const SecretKey& key) {
  const std::lock_guard lock(mutex_);
  if (keys_.size() >= kMostKeys) {
    by_scope_.clear();
    std::erase_if(keys_, [](const auto& entry) { return (entry.first & kStoreKey) != 0; });
  }
  keys_.try_emplace(wrapped.id, DataKey{key, random_salt(), wrapped.deployment});
}

bool EnvelopeSealer::known(KeyId id, DataKey& found) {
  const std::lock_guard lock(mutex_);
  const auto at = keys_.find(id);
  if (at == keys_.end()) return false;
  found.key = at->second.key;
  found.salt = at->second.salt;
  return true;
}

Result<EnvelopeSealer::DataKey> EnvelopeSealer::find(KeyId id) {
  DataKey found;
  if (known(id, found)) return found;
  if ((id & kStoreKey) == 0) {
    return Error{ErrorCode::key_mismatch, "Bytes of this data folder are sealed with a key that its keyring has not got: bring the keyring back.", ""};
  }
  DataKeyStore* const keys = store();
  if (keys == nullptr) return Error{ErrorCode::unavailable, "The store with the data keys is not open.", ""};
  auto around = keys->around(id);
  if (!around) return std::move(around).error();
  for (const WrappedKey& wrapped : *around) {
    auto key = unwrapped(wrapped);
    if (key) {
      remember(wrapped, *key);
    } else if (wrapped.id == id) {
      return key.error();
    }
  }
  if (known(id, found)) return found;
  return destroyed();
}

Result<std::string> EnvelopeSealer::seal(KeyId key, std::string_view associated, std::string_view plain) {
  std::string out;
  if (auto done = seal_onto(out, key, associated, plain); !done) return done.error();
  return out;
}

Result<void> EnvelopeSealer::seal_onto(std::string& out, KeyId key, std::string_view associated, std::string_view plain) {
  if (key == 0) {
    out += plain;
    return {};
  }
  auto found = find(key);
  if (!found) return found.error();
  return seal::seal_onto(out, cipher_.value_or(faster_cipher()), found->key, found->salt, associated, plain);
}

Result<std::string> EnvelopeSealer::open(KeyId key, std::string_view associated, std::string_view sealed) {
  if (key == 0) return std::string(sealed);
  auto found = find(key);
  if (!found) return std::move(found).error();
  return open_sealed(found->key, associated, sealed);
}

}  // namespace penstock::seal
