// The keys of what a server seals by itself: journal frames, and files of the data folder. One file beside what it opens, and a copy of it.
//
// They are roots: each segment of the journal gets a key of its own, derived from the newest root and a salt that stands in what is sealed
// (seal/aead.hpp). So no segment needs a file that must agree with it, a backup or a copy of the folder carries one file, and a new outer
// key means one small file written anew. A root is kept as long as anything may be sealed under it: for ever, at 150 bytes a rotation.
//
// Text, one line each:  penstock keyring 1 · root ID CREATED WRAPPED, oldest first · sha256 DIGEST of all before.
// ID: 16 hexadecimal digits, random, the top bit clear (keys with it set are those of the store) · CREATED: seconds since 1970 · WRAPPED:
// base64url (seal/outer_key.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/core/result.hpp"
#include "penstock/ports/sealer.hpp"
#include "seal/outer_key.hpp"

namespace penstock::seal {

inline constexpr KeyId kStoreKey = KeyId{1} << 63;  // set in the ids of keys that the store keeps

// Not thread-safe.
class KeyRing {
 public:
  struct Root {
    KeyId id = 0;
    std::int64_t created = 0;
    std::string wrapped;
    SecretKey key;
  };

  // With one root.
  static Result<KeyRing> make(const OuterKeys& outer, Cipher cipher);
  // corrupt: the text was cut off or changed; unsupported_version; key_mismatch: the outer key is another. `path` is for messages.
  static Result<KeyRing> parse(std::string_view text, const OuterKeys& outer, const std::string& path);
  // nullopt: neither the file nor its copy is there. When one of them is damaged, from the other.
  static Result<std::optional<KeyRing>> read(const std::string& path, const OuterKeys& outer);

  // All of them under the current outer key, and a new one for what comes.
  Result<KeyRing> rewrapped(const OuterKeys& outer, Cipher cipher) const;
  // True: all are wrapped under the current outer key.
  bool is_under(const OuterKey& outer) const;

  const std::vector<Root>& roots() const { return roots_; }
  const Root& newest() const { return roots_.back(); }
  const Root* find(KeyId id) const;
  std::string text() const;
  // The copy after the file, each as a whole, synced with its directory entry.
  Result<void> write(const std::string& path) const;

 private:
  Result<void> add_root(const OuterKeys& outer, Cipher cipher);

  std::vector<Root> roots_;
};

}  // namespace penstock::seal
