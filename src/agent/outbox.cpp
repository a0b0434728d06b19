#include "agent/outbox.hpp"

#include <sys/file.h>

#include <algorithm>
#include <filesystem>

#include "agent/posting.hpp"
#include "agent/proc_text.hpp"
#include "base/crc32c.hpp"
#include "base/log.hpp"

namespace penstock::agent {
namespace {

constexpr std::string_view kHead = "penstock agent state 1";
constexpr std::uint64_t kLeastReserve = 16 << 10;

constexpr std::string_view kCheck = "check ";
constexpr std::uint64_t kMostState = 256u << 20;

struct SavedState {
  std::uint64_t covered = 0, delivered = 0;
  std::string places;
};

// "penstock agent state 1 COVERED DELIVERED", then "check CRC32C" of that line and of the places, then the places, a line each. States of
// older agents have no check; for these agents it is a line that is no place.
std::string format_state(const SavedState& state) {
  std::string head(kHead);
  head += ' ' + std::to_string(state.covered) + ' ' + std::to_string(state.delivered) + '\n';
  const std::string check(kCheck);
  return head + check + std::to_string(crc32c(head + state.places)) + '\n' + state.places;
}

// Nothing when the text is no whole state.
std::optional<SavedState> parse_state(std::string_view text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || !text.starts_with(kHead)) return std::nullopt;
  const auto words = words_of(text.substr(kHead.size(), end - kHead.size()));
  if (words.size() != 2) return std::nullopt;
  const auto covered = to_count(words[0]), delivered = to_count(words[1]);
  if (!covered || !delivered) return std::nullopt;
  const std::string_view head = text.substr(0, end + 1);
  std::string_view places = text.substr(end + 1);
  if (places.starts_with(kCheck)) {
    const std::size_t line = places.find('\n');
    if (line == std::string_view::npos) return std::nullopt;
    const auto told = to_count(places.substr(kCheck.size(), line - kCheck.size()));
    places.remove_prefix(line + 1);
    if (told != crc32c(std::string(head) + std::string(places))) return std::nullopt;
  } else if (!places.empty() && !places.ends_with('\n')) {
    return std::nullopt;
  }
  return SavedState{*covered, *delivered, std::string(places)};
}

// A bad state is put aside and said: what follows from it is more than a line in a log can mend.
Result<SavedState> read_state(const std::string& path) {
  Result<std::optional<std::string>> text = read_whole_file(path, kMostState);
  if (!text) return std::move(text).error();
  if (!text->has_value()) return SavedState{};
  if (std::optional<SavedState> state = parse_state(**text)) return *std::move(state);
  const std::string aside = path + ".bad";
  const bool kept = ::rename(path.c_str(), aside.c_str()) == 0;
  log::warn("agent",
            "the state file is damaged, so where the followed files were read up to is known only as far as the buffer tells; without that it is a "
            "first start: what they hold is left out, or with --from-start sent again",
            {{"file", path}, {"bytes", (*text)->size()}, {"kept_as", kept ? aside : "nothing: it cannot be renamed"}});
  return SavedState{};
}

}  // namespace

Outbox::Outbox(Descriptor lock, std::string path, Spool spool, std::string places)
    : lock_(std::move(lock)), path_(std::move(path)), spool_(std::move(spool)), places_(std::move(places)) {}

Result<std::unique_ptr<Outbox>> Outbox::open(const std::string& directory, std::size_t limit_bytes, Sealer* sealer) {
  if (Result<void> made = make_directories(directory); !made) return std::move(made).error();
  Descriptor lock(::open((directory + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock) return call_error("opening", directory + "/lock");
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{ErrorCode::conflict, "another agent uses the state directory " + directory + "; give each its own", ""};
  }
  const std::string path = directory + "/state";
  Result<SavedState> read = read_state(path);
  if (!read) return std::move(read).error();
  SavedState state = std::move(read).value();
  const auto newer = [&](const SpooledBatch& batch) {
    if (batch.sequence > state.covered && !batch.notes.empty()) state.places = batch.notes;
  };
  Result<Spool> spool = Spool::open({directory + "/spool", limit_bytes, 0, state.covered + 1, sealer}, state.delivered, newer);
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
  const std::string text = format_state({spool_.last(), spool_.delivered(), places_});
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
