#include "seal/key_ring.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

#include "base/base64.hpp"
#include "base/failpoint.hpp"
#include "base/hex.hpp"
#include "base/log.hpp"
#include "base/secret_file.hpp"
#include "base/sha256.hpp"
#include "seal/random.hpp"

namespace penstock::seal {
namespace {

constexpr std::string_view kFirstLine = "penstock keyring 1\n";
constexpr std::string_view kAnyVersion = "penstock keyring ";
constexpr std::string_view kChecksum = "sha256 ";
constexpr std::size_t kMostBytes = 1u << 20;

std::string root_place(KeyId id) {
  std::string place = "root/";
  append_hex(place, id);
  return place;
}

KeyId random_root_id() {
  for (;;) {
    KeyId id = 0;
    fill_random({reinterpret_cast<unsigned char*>(&id), sizeof id});
    if ((id & ~kStoreKey) != 0) return id & ~kStoreKey;
  }
}

std::string_view cut(std::string_view& text, char at) {
  const std::size_t end = std::min(text.find(at), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

template <class Number>
bool whole_number(std::string_view text, Number& number, int base) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return problem == std::errc() && end == text.data() + text.size() && !text.empty();
}

bool parse_root(std::string_view line, KeyRing::Root& root) {
  if (cut(line, ' ') != "root" || !whole_number(cut(line, ' '), root.id, 16) || !whole_number(cut(line, ' '), root.created, 10)) return false;
  const auto wrapped = from_base64url(line);
  if (!wrapped || root.id == 0 || (root.id & kStoreKey) != 0) return false;
  root.wrapped = *wrapped;
  return true;
}

Error ring_damaged(const std::string& path) {
  return {ErrorCode::corrupt, path + " is damaged: bring it back from a backup. Nothing was changed.", ""};
}

std::string copy_of(const std::string& path) { return path + ".copy"; }

}  // namespace

Result<void> KeyRing::add_root(const OuterKeys& outer, Cipher cipher) {
  Root root{random_root_id(), static_cast<std::int64_t>(std::time(nullptr)), "", random_key()};
  auto wrapped = wrap(outer.current(), cipher, root_place(root.id), root.key);
  if (!wrapped) return wrapped.error();
  root.wrapped = std::move(*wrapped);
  roots_.push_back(std::move(root));
  return {};
}

Result<KeyRing> KeyRing::make(const OuterKeys& outer, Cipher cipher) {
  KeyRing ring;
  if (auto added = ring.add_root(outer, cipher); !added) return added.error();
  return ring;
}

Result<KeyRing> KeyRing::rewrapped(const OuterKeys& outer, Cipher cipher) const {
  KeyRing ring = *this;
  for (Root& root : ring.roots_) {
    auto wrapped = wrap(outer.current(), cipher, root_place(root.id), root.key);
    if (!wrapped) return wrapped.error();
    root.wrapped = std::move(*wrapped);
  }
  if (auto added = ring.add_root(outer, cipher); !added) return added.error();
  return ring;
}

bool KeyRing::is_under(const OuterKey& outer) const {
  return std::all_of(roots_.begin(), roots_.end(), [&](const Root& root) { return wrapped_under(root.wrapped) == outer.fingerprint; });
}

const KeyRing::Root* KeyRing::find(KeyId id) const {
  const auto found = std::find_if(roots_.begin(), roots_.end(), [id](const Root& root) { return root.id == id; });
  return found == roots_.end() ? nullptr : &*found;
}

std::string KeyRing::text() const {
  std::string text(kFirstLine);
  for (const Root& root : roots_) {
    text += "root ";
    append_hex(text, root.id);
    text += " " + std::to_string(root.created) + " " + to_base64url(root.wrapped) + "\n";
  }
  const std::string digest = sha256_hex(text);
  return text.append(kChecksum).append(digest) + "\n";
}

Result<KeyRing> KeyRing::parse(std::string_view text, const OuterKeys& outer, const std::string& path) {
  if (!text.starts_with(kFirstLine)) {
    if (!text.starts_with(kAnyVersion)) return ring_damaged(path);
    return Error{ErrorCode::unsupported_version, path + " was written by a newer Penstock: run that version.", ""};
  }
  const std::size_t checksum = text.rfind(kChecksum);
  if (checksum == std::string_view::npos || text.substr(checksum) != std::string(kChecksum) + sha256_hex(text.substr(0, checksum)) + "\n") {
    return ring_damaged(path);
  }
  KeyRing ring;
  std::string_view lines = text.substr(kFirstLine.size(), checksum - kFirstLine.size());
  while (!lines.empty()) {
    Root root;
    if (!parse_root(cut(lines, '\n'), root)) return ring_damaged(path);
    auto key = unwrap(outer, root_place(root.id), root.wrapped, path);
    if (!key) return std::move(key).error();
    root.key = *key;
    ring.roots_.push_back(std::move(root));
  }
  if (ring.roots_.empty()) return ring_damaged(path);
  return ring;
}

Result<std::optional<KeyRing>> KeyRing::read(const std::string& path, const OuterKeys& outer) {
  std::optional<Error> trouble;
  for (const std::string& file : {path, copy_of(path)}) {
    auto text = read_secret_file(file, kMostBytes);
    if (!text) return std::move(text).error();
    if (!*text) continue;
    auto ring = parse(**text, outer, file);
    if (ring) {
      if (trouble) log::warn("seal", "the key ring was damaged; its copy is whole", {{"file", path}});
      return std::optional<KeyRing>(std::move(*ring));
    }
    if (ring.error().code != ErrorCode::corrupt) return std::move(ring).error();
    if (!trouble) trouble = ring.error();
  }
  if (trouble) return *trouble;
  return std::optional<KeyRing>();
}

Result<void> KeyRing::write(const std::string& path) const {
  const std::string whole = text();
  if (auto done = write_secret_file(path, whole); !done) return done;
  failpoint("seal.ring.written");
  return write_secret_file(copy_of(path), whole);
}

}  // namespace penstock::seal
