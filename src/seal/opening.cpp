#include "seal/opening.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <mutex>
#include <optional>
#include <utility>

#include "base/failpoint.hpp"
#include "base/hex.hpp"
#include "base/log.hpp"
#include "seal/folder_lock.hpp"
#include "seal/random.hpp"

namespace penstock::seal {
namespace {

bool there(const std::string& path) {
  std::error_code problem;
  return std::filesystem::exists(path, problem);
}

Error key_missing(const std::string& sealed, const KeySource& source) {
  return {ErrorCode::key_mismatch,
          sealed + " is sealed, and its outer key is missing: put it back at " + source.name() +
              " from the copy you kept, or name where it is with seal.key_file. Nothing was changed.",
          "seal.key_file"};
}

Error ring_missing(const std::string& path, const std::string& what) {
  return {ErrorCode::key_mismatch,
          path + " " + what + " with which a part of the journal is sealed: bring it back from a backup of this data folder. Nothing was changed.", ""};
}

// What tells one version of a file from another.
struct Stamp {
  explicit Stamp(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return;
    inode = status.st_ino;
    size = status.st_size;
    seconds = status.st_mtim.tv_sec;
    nanoseconds = status.st_mtim.tv_nsec;
  }
  bool operator==(const Stamp&) const = default;
  ino_t inode = 0;
  off_t size = 0;
  std::int64_t seconds = 0, nanoseconds = 0;
};

Result<OuterKeys> read_outer(const KeySource& source) {
  auto keys = OuterKeys::read(source);
  if (!keys) return std::move(keys).error();
  if (!*keys) return Error{ErrorCode::key_mismatch, "The outer key at " + source.name() + " is gone: put it back.", "seal.key_file"};
  return std::move(**keys);
}

// Of a rotation that another process did.
class RingWatch {
 public:
  RingWatch(EnvelopeSealer& sealer, KeySource source, std::string path)
      : sealer_(sealer), source_(std::move(source)), path_(std::move(path)), seen_(path_) {}

  void look() {
    const Stamp now(path_);
    {
      const std::lock_guard lock(mutex_);
      if (now == seen_) return;
      seen_ = now;
    }
    auto outer = read_outer(source_);
    auto ring = outer ? KeyRing::read(path_, *outer) : Result<std::optional<KeyRing>>(outer.error());
    if (ring && *ring) {
      log::info("seal", "took the key ring that was written meanwhile", {{"file", path_}});
      sealer_.adopt(std::move(*outer), std::move(**ring));
    } else {
      log::warn("seal", "the key ring changed and cannot be used; sealing goes on with the earlier one",
                {{"file", path_}, {"reason", ring ? "it is gone" : full_text(ring.error())}});
    }
  }

 private:
  EnvelopeSealer& sealer_;
  const KeySource source_;
  const std::string path_;
  std::mutex mutex_;
  Stamp seen_;
};

}  // namespace

std::string ring_path(const std::string& data_dir) { return data_dir + "/keyring"; }

Result<std::optional<Cipher>> cipher_of(const Options& options) {
  if (options.cipher == "none") return std::optional<Cipher>();
  if (options.cipher == "auto") return std::optional<Cipher>(faster_cipher());
  const auto named = cipher_named(options.cipher);
  if (!named) return Error{ErrorCode::config_error, "seal.cipher must be auto, aes-256-gcm, chacha20-poly1305, fernet or none.", "seal.cipher"};
  return named;
}

Result<Opened> open_folder(const Options& options, const Folder& folder, Missing missing) {
  auto cipher = cipher_of(options);
  if (!cipher) return std::move(cipher).error();
  const std::string path = ring_path(folder.data_dir);
  std::optional<FolderLock> lock;
  bool ring_there = there(path) || there(path + ".copy");
  if (!ring_there && missing == Missing::make) {
    lock.emplace(folder.data_dir);
    ring_there = there(path) || there(path + ".copy");
  }
  const bool needed = !folder.needed.empty();
  Opened opened{nullptr, nullptr, KeySource::of(options, folder.data_dir, folder.credentials_directory), false};

  if (!ring_there && needed) return ring_missing(path, "is missing: it holds the keys");
  if (!ring_there && (missing == Missing::leave || !*cipher)) {
    opened.sealer = std::make_unique<PlainSealer>();
    return opened;
  }
  auto read = OuterKeys::read(opened.source);
  if (!read) return std::move(read).error();
  if (!*read) {
    if (ring_there) return key_missing(path, opened.source);
    *read = OuterKeys(OuterKey(random_key()));
    if (auto written = (*read)->write(opened.source.path); !written) return written.error();
    failpoint("seal.outer_key.written");
    opened.made_key = true;
  }
  auto ring = KeyRing::read(path, **read);
  if (!ring && ring.error().code == ErrorCode::key_mismatch && !lock) {
    // A rotation may have passed between the two readings.
    lock.emplace(folder.data_dir);
    auto again = read_outer(opened.source);
    if (!again) return std::move(again).error();
    *read = std::move(*again);
    ring = KeyRing::read(path, **read);
  }
  if (!ring) return std::move(ring).error();
  if (!*ring) {
    auto made = KeyRing::make(**read, cipher->value_or(faster_cipher()));
    if (!made) return std::move(made).error();
    *ring = std::move(*made);
    if (auto written = (*ring)->write(path); !written) return written.error();
  } else if (missing == Missing::make && (!there(path) || !there(path + ".copy"))) {
    if (auto written = (*ring)->write(path); !written) return written.error();
  }
  for (const KeyId key : folder.needed) {
    if ((*ring)->find(key) != nullptr) continue;
    std::string id;
    append_hex(id, key);
    return ring_missing(path, "has not got the key " + id);
  }
  auto sealer = std::make_unique<EnvelopeSealer>(**read, std::move(**ring), *cipher);
  sealer->reread_outer_with([source = opened.source] { return read_outer(source); });
  const auto watch = std::make_shared<RingWatch>(*sealer, opened.source, path);
  sealer->watch_ring_with([watch] { watch->look(); });
  opened.envelope = sealer.get();
  opened.sealer = std::move(sealer);
  return opened;
}

}  // namespace penstock::seal
