#include "app/key_keeper.hpp"

#include "base/hex.hpp"
#include "base/log.hpp"
#include "journal/inspect.hpp"
#include "seal/key_check.hpp"
#include "seal/key_ring.hpp"
#include "seal/opening.hpp"
#include "seal/rotation.hpp"

namespace penstock::app {
namespace {

Error nothing_sealed() { return {ErrorCode::conflict, "Nothing in this data folder is sealed: there are no keys (seal.cipher).", ""}; }

Result<seal::OuterKeys> outer_of(const seal::KeySource& source) {
  auto outer = seal::OuterKeys::read(source);
  if (!outer) return std::move(outer).error();
  if (!*outer) return Error{ErrorCode::key_mismatch, "The outer key at " + source.name() + " is gone: put it back.", "seal.key_file"};
  return std::move(**outer);
}

// An administrator reads this, not who wrote the configuration.
Error for_caller(Error error) {
  if (error.code == ErrorCode::config_error) error.code = ErrorCode::conflict;
  return error;
}

}  // namespace

void FolderKeys::stop() {
  stopping_ = true;
  pool_.stop();
}

Result<KeyStatus> FolderKeys::status() {
  KeyStatus status;
  const auto cipher = seal::cipher_of(folder_.options);
  if (!cipher) return cipher.error();
  if (*cipher) status.cipher = seal::cipher_name(**cipher);
  if (const auto counts = store_.counts()) status.store = *counts;
  if (envelope_ == nullptr) return status;
  status.sealed = true;
  const auto outer = outer_of(folder_.source);
  if (!outer) return outer.error();
  for (const seal::OuterKey& key : outer->all()) status.outer.push_back(key.fingerprint);
  status.outer_from = folder_.source.name();
  status.outer_in_file = folder_.source.writable();
  const auto ring = seal::KeyRing::read(seal::ring_path(folder_.data_dir), *outer);
  if (!ring) return ring.error();
  if (!*ring) return status;
  for (const seal::KeyRing::Root& root : (*ring)->roots()) {
    std::string id;
    append_hex(id, root.id);
    status.roots.push_back({id, seal::wrapped_under(root.wrapped), Timestamp{root.created * kSecond}});
  }
  return status;
}

Result<KeyRotation> FolderKeys::rotate(bool data_keys) {
  if (envelope_ == nullptr) return nothing_sealed();
  const std::lock_guard lock(rotating_);
  const auto cipher = seal::cipher_of(folder_.options);
  if (!cipher) return cipher.error();
  const auto done = seal::rotate(folder_.source, folder_.data_dir, cipher->value_or(seal::faster_cipher()), store_);
  if (!done) return for_caller(done.error());
  KeyRotation rotation{done->from, done->to, done->roots, done->data_keys, 0, done->resumed, done->old_key_to_remove};
  if (data_keys) {
    const auto retired = store_.retire_all();
    if (!retired) return retired.error();
    rotation.replaced = *retired;
    envelope_->forget_store_keys();
    if (replaced_) replaced_();
  }
  log::info("app", "the outer key was replaced", {{"from", done->from}, {"to", done->to}});
  return rotation;
}

bool FolderKeys::check() {
  {
    const std::lock_guard lock(mutex_);
    if (check_.state == KeyCheck::State::running) return false;
    check_ = {};
    check_.state = KeyCheck::State::running;
    check_.begun = clock_.now();
  }
  if (pool_.submit([this] { finish(try_all()); })) return true;
  const std::lock_guard lock(mutex_);
  check_ = {};
  return false;
}

KeyCheck FolderKeys::last_check() const {
  const std::lock_guard lock(mutex_);
  return check_;
}

// Of the journal it looks at the headers of segments and frames: what is in them `penstock key verify` reads, which may take as long as the disk is large.
KeyCheck FolderKeys::try_all() {
  KeyCheck done = last_check();
  const auto ended_by = [&done](const Error& error) {
    done.problem = full_text(error);
    return done;
  };
  if (envelope_ == nullptr) return ended_by(nothing_sealed());
  const auto outer = outer_of(folder_.source);
  if (!outer) return ended_by(outer.error());
  const auto ring = seal::KeyRing::read(seal::ring_path(folder_.data_dir), *outer);
  if (!ring) return ended_by(ring.error());
  const auto tried = seal::try_data_keys(*outer, store_, [&done](const WrappedKey& key, const Error& error) {
    if (done.problem.empty()) done.problem = "The key of " + key.deployment + " for " + key.use + " does not open: " + error.message;
  }, [this] { return !stopping_; });
  if (!tried) return ended_by(tried.error());
  done.good = tried->good;
  done.bad = tried->bad;
  const auto counts = store_.counts();
  if (!counts) return ended_by(counts.error());
  done.orphans = counts->orphans;
  if (done.orphans != 0 && done.problem.empty()) done.problem = "There are chunks whose key is not there: nobody can read them.";
  const auto report = journal::inspect(files_, folder_.data_dir + "/journal", nullptr, journal::Depth::headers);
  if (!report) return ended_by(report.error());
  done.damage = report->damage.size();
  if (done.damage != 0 && done.problem.empty()) done.problem = "Places in the journal are damaged: penstock journal verify names them.";
  return done;
}

void FolderKeys::finish(KeyCheck done) {
  done.ended = clock_.now();
  done.state = done.problem.empty() ? KeyCheck::State::passed : KeyCheck::State::failed;
  if (done.state == KeyCheck::State::failed) {
    log::error("app", "the keys do not all open", {{"problem", done.problem}});
    AuditEntry entry{done.ended, "server", "key.verify", "keys", "failed"};
    entry.detail = "{\"bad_keys\":" + std::to_string(done.bad) + ",\"chunks_without_key\":" + std::to_string(done.orphans) + ",\"journal_damage\":" +
                   std::to_string(done.damage) + "}";
    audit_.tell(std::move(entry));
  }
  const std::lock_guard lock(mutex_);
  check_ = std::move(done);
}

}  // namespace penstock::app
