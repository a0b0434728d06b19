// The outer key: it seals nothing but the keys below it, and lies outside of what they seal.
//
// It comes as text: one key or several, "pk1_" and the base64url of 256 bits each, apart by white space; a line that begins with # is a
// remark. The first is the one in force, the others open what was wrapped before it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/core/result.hpp"
#include "seal/aead.hpp"
#include "seal/options.hpp"
#include "seal/secret_key.hpp"

namespace penstock::seal {

inline constexpr const char* kKeyFile = "seal.key";  // in the data folder

struct OuterKey {
  SecretKey key;
  std::string fingerprint;  // 16 hexadecimal digits, of the SHA-256 of the key: may be shown

  explicit OuterKey(const SecretKey& secret);
};

// Where the outer key comes from, by precedence: the option, the file of the option, the systemd credential, the data folder.
struct KeySource {
  enum class Kind { option, file, credential, data_folder };
  Kind kind = Kind::data_folder;
  std::string text;  // of `option`
  std::string path;  // of the others

  static KeySource of(const Options& options, const std::string& data_dir, const char* credentials_directory);
  std::string name() const;  // for messages: the path, or the option
  bool writable() const { return kind == Kind::file || kind == Kind::data_folder; }
};

// At least one, none twice.
class OuterKeys {
 public:
  // config_error: the text holds no key, or something else.
  static Result<OuterKeys> parse(std::string_view text, const std::string& name);
  // nullopt: there is none yet. config_error, io_error.
  static Result<std::optional<OuterKeys>> read(const KeySource& source);
  explicit OuterKeys(OuterKey current) { keys_.push_back(std::move(current)); }

  const OuterKey& current() const { return keys_.front(); }
  const std::vector<OuterKey>& all() const { return keys_; }
  const OuterKey* find(std::string_view fingerprint) const;
  std::string fingerprints() const;  // apart by commas, the current one first
  // As a key file holds them: mode 0400, synced with its directory entry. With `added` before the others, or the current one alone.
  OuterKeys with(OuterKey added) const;
  OuterKeys current_only() const { return OuterKeys(current()); }
  Result<void> write(const std::string& path) const;

 private:
  OuterKeys() = default;
  std::vector<OuterKey> keys_;
};

// As parse() takes it.
std::string to_key_text(const SecretKey& key);

// A key under an outer key: 8 bytes of the outer key's fingerprint, then sealed bytes. `place` binds it to what it is the key of.
Result<std::string> wrap(const OuterKey& outer, Cipher cipher, std::string_view place, const SecretKey& key);
// key_mismatch: wrapped under an outer key that is not at hand; the message names its fingerprint and `from`. corrupt.
Result<SecretKey> unwrap(const OuterKeys& outer, std::string_view place, std::string_view wrapped, const std::string& from);
// Of the outer key; empty when the bytes are too short.
std::string wrapped_under(std::string_view wrapped);

}  // namespace penstock::seal
