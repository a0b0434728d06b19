#include "agent/outbox.hpp"

#include <sys/file.h>

#include <algorithm>
#include <filesystem>

#include "agent/posting.hpp"
#include "agent/proc_text.hpp"
#include "base/log.hpp"

namespace penstock::agent {
namespace {

constexpr std::string_view kHead = "penstock agent state 1";
constexpr std::uint64_t kLeastReserve = 16 << 10;

struct SavedState {
  std::uint64_t covered = 0, delivered = 0;
  std::string places;
};

SavedState parse_state(std::string_view text) {
  SavedState state;
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || !text.starts_with(kHead)) return state;
  const auto words = words_of(text.substr(kHead.size(), end - kHead.size()));
  if (words.size() != 2) return state;
  state.covered = to_count(words[0]).value_or(0);
  state.delivered = to_count(words[1]).value_or(0);
  state.places = text.substr(end + 1);
  return state;
}

}  // namespace

Outbox::Outbox(Descriptor lock, std::string path, Spool spool, std::string places)
    : lock_(std::move(lock)), path_(std::move(path)), spool_(std::move(spool)), places_(std::move(places)) {}

Result<std::unique_ptr<Outbox>> Outbox::open(const std::string& directory, std::size_t limit_bytes) {
  if (Result<void> made = make_directories(directory); !made) return std::move(made).error();
  Descriptor lock(::open((directory + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock) return call_error("opening", directory + "/lock");
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{ErrorCode::conflict, "another agent uses the state directory " + directory + "; give each its own", ""};
  }
  const std::string path = directory + "/state";
  SavedState state = parse_state(read_small_file(path));
  const auto newer = [&](const SpooledBatch& batch) {
    if (batch.sequence > state.covered && !batch.notes.empty()) state.places = batch.notes;
  };
  Result<Spool> spool = Spool::open({directory + "/spool", limit_bytes, 0, state.covered + 1}, state.delivered, newer);
  if (!spool) return std::move(spool).error();
  std::unique_ptr<Outbox> outbox(new Outbox(std::move(lock), path, std::move(spool).value(), std::move(state.places)));
  if (Result<void> saved = outbox->save(true); !saved) return std::move(saved).error();
  return outbox;
}

std::string Outbox::places() const {
  const std::lock_guard lock(mutex_);
  return places_;
}

void Outbox::set_places(std::string places) {
  const std::lock_guard lock(mutex_);
  if (places == places_) return;
  places_ = std::move(places);
  places_changed_ = true;
}

Result<void> Outbox::put(SpoolKind kind, std::uint32_t records, std::string places, std::string_view body) {
  const std::lock_guard lock(mutex_);
  if (Result<void> kept = keep_reserve(std::max(places.size(), places_.size())); !kept) return kept;
  Result<std::uint64_t> put = spool_.append(kind, records, make_idempotency_key(), places, body);
  if (!put) return std::move(put).error();
  if (!places.empty()) {
    places_ = std::move(places);
    places_changed_ = true;
  }
  return {};
}

std::optional<SpooledBatch> Outbox::front() {
  const std::lock_guard lock(mutex_);
  return spool_.front();
}

bool Outbox::taken(std::uint64_t sequence) {
  const std::lock_guard lock(mutex_);
  if (sequence > covered_ && places_changed_) {
    // Without the places in the file the batch must stay: sent again under its key it does no harm, its lines read again would.
    if (const Result<void> saved = save_locked(); !saved) {
      log::error("agent", "the state file cannot be written", {{"reason", saved.error().message}});
      return false;
    }
  }
  spool_.taken(sequence);
  taken_changed_ = true;
  return true;
}

Result<void> Outbox::save(bool all) {
  const std::lock_guard lock(mutex_);
  return places_changed_ || (all && taken_changed_) ? save_locked() : Result<void>();
}

Result<void> Outbox::save_locked() {
  std::string text(kHead);
  text += ' ' + std::to_string(spool_.last()) + ' ' + std::to_string(spool_.delivered()) + '\n' + places_;
  Result<void> saved = replace_file(path_, text);
  if (!saved && saved.error().code == ErrorCode::storage_full && reserved_ > 0) {
    ::unlink(reserve_path().c_str());
    reserved_ = 0;
    saved = replace_file(path_, text);
  }
  if (!saved) return saved;
  covered_ = spool_.last();
  places_changed_ = taken_changed_ = false;
  return {};
}

std::string Outbox::reserve_path() const { return std::filesystem::path(path_).replace_filename("reserve").string(); }

// Twice what the state takes: blocks are whole, and a file system needs some for itself.
Result<void> Outbox::keep_reserve(std::size_t places_bytes) {
  const std::uint64_t wanted = kLeastReserve + 2 * places_bytes;
  if (reserved_ >= wanted) return {};
  const std::string path = reserve_path();
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (!file) return call_error("opening", path);
  const std::uint64_t size = wanted + wanted / 2;
  errno = ::posix_fallocate(file.get(), 0, static_cast<off_t>(size));
  if (errno == 0) {
    reserved_ = size;
  } else if (errno == ENOSPC || errno == EDQUOT) {
    Error error = call_error("reserving room", path);
    if (reserved_ == 0) ::unlink(path.c_str());
    return error;
  } else {
    reserved_ = size;  // a file system that cannot: go on without
  }
  return {};
}

std::uint64_t Outbox::bytes() const {
  const std::lock_guard lock(mutex_);
  return spool_.bytes();
}
std::uint64_t Outbox::dropped_batches() const {
  const std::lock_guard lock(mutex_);
  return spool_.dropped_batches();
}
std::uint64_t Outbox::dropped_bytes() const {
  const std::lock_guard lock(mutex_);
  return spool_.dropped_bytes();
}

}  // namespace penstock::agent
