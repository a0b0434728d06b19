#include "seal/outer_key.hpp"

#include <algorithm>
#include <filesystem>

#include "base/base64.hpp"
#include "base/hex.hpp"
#include "base/secret_file.hpp"
#include "base/sha256.hpp"
#include "seal/random.hpp"

namespace penstock::seal {
namespace {

constexpr std::string_view kPrefix = "pk1_";
constexpr std::string_view kSpace = " \t\r\n,";
constexpr std::size_t kFingerprintBytes = 8;
constexpr const char* kCredential = "penstock-seal-key";
constexpr std::string_view kRemark =
    "# The outer key of this Penstock. Whoever has it and the data can read them; without it nobody can.\n"
    "# Keep a copy elsewhere, apart from backups of the data. See `penstock key status`.\n";

Error config_error(std::string message) { return {ErrorCode::config_error, std::move(message), "seal.key"}; }

std::string fingerprint_of(const SecretKey& key) {
  const Sha256Digest digest = sha256(key.bytes());
  return to_hex(std::span(digest).first(kFingerprintBytes));
}

std::string associated(std::string_view place) { return "penstock wrapped key 1/" + std::string(place); }

}  // namespace

OuterKey::OuterKey(const SecretKey& secret) : key(secret), fingerprint(fingerprint_of(secret)) {}

KeySource KeySource::of(const Options& options, const std::string& data_dir, const char* credentials_directory) {
  if (!options.key.empty()) return {Kind::option, options.key, ""};
  if (!options.key_file.empty()) return {Kind::file, "", options.key_file};
  if (credentials_directory != nullptr) {
    std::string path = std::string(credentials_directory) + "/" + kCredential;
    std::error_code problem;
    if (std::filesystem::exists(path, problem)) return {Kind::credential, "", std::move(path)};
  }
  return {Kind::data_folder, "", data_dir + "/" + kKeyFile};
}

std::string KeySource::name() const {
  if (kind == Kind::option) return "seal.key (PENSTOCK_SEAL_KEY)";
  return kind == Kind::credential ? "the systemd credential " + path : path;
}

Result<OuterKeys> OuterKeys::parse(std::string_view text, const std::string& name) {
  OuterKeys keys;
  while (!text.empty()) {
    const std::size_t begin = text.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const std::size_t end = std::min(text[0] == '#' ? text.find('\n') : text.find_first_of(kSpace), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    if (word[0] == '#') continue;
    const auto bytes = word.starts_with(kPrefix) ? from_base64url(word.substr(kPrefix.size())) : std::nullopt;
    if (!bytes || bytes->size() != SecretKey::kBytes) {
      return config_error(name + " holds something that is no key: a key is pk1_ and 43 characters, as `penstock key new` prints.");
    }
    OuterKey key{SecretKey(*bytes)};
    if (keys.find(key.fingerprint) == nullptr) keys.keys_.push_back(std::move(key));
  }
  if (keys.keys_.empty()) return config_error(name + " holds no key: a key is pk1_ and 43 characters, as `penstock key new` prints.");
  return keys;
}

Result<std::optional<OuterKeys>> OuterKeys::read(const KeySource& source) {
  std::string text = source.text;
  if (source.kind != KeySource::Kind::option) {
    auto content = read_secret_file(source.path);
    if (!content) return std::move(content).error();
    if (!*content) return std::optional<OuterKeys>();
    text = std::move(**content);
  }
  auto keys = parse(text, source.name());
  OPENSSL_cleanse(text.data(), text.size());
  if (!keys) return std::move(keys).error();
  return std::optional<OuterKeys>(std::move(*keys));
}

const OuterKey* OuterKeys::find(std::string_view fingerprint) const {
  const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const OuterKey& key) { return key.fingerprint == fingerprint; });
  return found == keys_.end() ? nullptr : &*found;
}

std::string OuterKeys::fingerprints() const {
  std::string text;
  for (const OuterKey& key : keys_) text += (text.empty() ? "" : ", ") + key.fingerprint;
  return text;
}

OuterKeys OuterKeys::with(OuterKey added) const {
  OuterKeys all(std::move(added));
  for (const OuterKey& key : keys_) {
    if (all.find(key.fingerprint) == nullptr) all.keys_.push_back(key);
  }
  return all;
}

Result<void> OuterKeys::write(const std::string& path) const {
  std::string text(kRemark);
  for (const OuterKey& key : keys_) text += to_key_text(key.key) + "\n";
  auto written = write_secret_file(path, text, 0400);
  OPENSSL_cleanse(text.data(), text.size());
  return written;
}

std::string to_key_text(const SecretKey& key) { return std::string(kPrefix) + to_base64url(key.bytes()); }

Result<std::string> wrap(const OuterKey& outer, Cipher cipher, std::string_view place, const SecretKey& key) {
  std::string out;
  for (std::size_t i = 0; i + 1 < outer.fingerprint.size(); i += 2) {
    out.push_back(static_cast<char>(hex_value(outer.fingerprint[i]) << 4 | hex_value(outer.fingerprint[i + 1])));
  }
  if (auto done = seal_onto(out, cipher, outer.key, random_salt(), associated(place), key.bytes()); !done) return done.error();
  return out;
}

std::string wrapped_under(std::string_view wrapped) {
  if (wrapped.size() < kFingerprintBytes) return {};
  return to_hex({reinterpret_cast<const unsigned char*>(wrapped.data()), kFingerprintBytes});
}

Result<SecretKey> unwrap(const OuterKeys& outer, std::string_view place, std::string_view wrapped, const std::string& from) {
  const std::string fingerprint = wrapped_under(wrapped);
  if (fingerprint.empty()) return Error{ErrorCode::corrupt, "A key of " + from + " is damaged: bring it back from a backup.", ""};
  const OuterKey* const key = outer.find(fingerprint);
  if (key == nullptr) {
    return Error{ErrorCode::key_mismatch,
                 from + " is sealed with the outer key " + fingerprint + ", and the one at hand is " + outer.fingerprints() +
                     ": give the right one (seal.key_file, seal.key). Nothing was changed.",
                 "seal.key_file"};
  }
  auto opened = open_sealed(key->key, associated(place), wrapped.substr(kFingerprintBytes));
  if (!opened || opened->size() != SecretKey::kBytes) {
    return Error{ErrorCode::corrupt, "A key of " + from + " is damaged: bring it back from a backup.", ""};
  }
  SecretKey found(*opened);
  OPENSSL_cleanse(opened->data(), opened->size());
  return found;
}

}  // namespace penstock::seal
