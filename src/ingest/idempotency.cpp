#include "ingest/idempotency.hpp"

#include <algorithm>
#include <charconv>

#include "base/bytes.hpp"
#include "core/xxhash_inline.hpp"

namespace penstock::ingest {
namespace {

constexpr std::size_t kMaxKeyLength = 255;

Error used_with_another_body() {
  return {ErrorCode::conflict, "This Idempotency-Key was used for another request (body, endpoint, deployment or parameters): a new request needs a new key.", "Idempotency-Key"};
}

}  // namespace

Result<RequestKey> hash_request(std::string_view principal, std::string_view key, std::string_view meaning, std::string_view body) {
  const bool printable = std::all_of(key.begin(), key.end(), [](char c) { return c >= ' ' && c < 0x7f; });
  if (key.empty() || key.size() > kMaxKeyLength || !printable) {
    return Error{ErrorCode::invalid_request, "An Idempotency-Key is 1 to 255 printable ASCII characters.", "Idempotency-Key"};
  }
  std::string who;
  append_sized(who, principal);
  append_sized(who, key);
  const XXH128_hash_t key_hash = XXH3_128bits(who.data(), who.size());
  const XXH128_hash_t body_hash = XXH3_128bits_withSeed(body.data(), body.size(), XXH3_64bits(meaning.data(), meaning.size()));
  return RequestKey{key_hash.high64, key_hash.low64, body_hash.high64, body_hash.low64};
}

IdempotencyEntry entry_of(const RequestKey& key, const KnownAnswer& answer) {
  return {key.key_hi, key.key_lo, key.body_hi, key.body_lo, std::to_string(answer.status) + answer.body};
}

std::optional<KnownAnswer> answer_of(const IdempotencyEntry& entry) {
  KnownAnswer answer;
  const std::string& text = entry.answer;
  if (text.size() < 3) return std::nullopt;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + 3, answer.status);
  if (failure != std::errc() || end != text.data() + 3 || answer.status < 100) return std::nullopt;
  answer.body = text.substr(3);
  return answer;
}

IdempotencyGate::IdempotencyGate(Find find) : find_(std::move(find)) {}

IdempotencyGate::Ticket::Ticket(Ticket&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)), key_(other.key_) {}

IdempotencyGate::Ticket& IdempotencyGate::Ticket::operator=(Ticket&& other) noexcept {
  if (this != &other) {
    if (gate_ != nullptr) gate_->leave(key_);
    gate_ = std::exchange(other.gate_, nullptr);
    key_ = other.key_;
  }
  return *this;
}

IdempotencyGate::Ticket::~Ticket() {
  if (gate_ != nullptr) gate_->leave(key_);
}

Result<IdempotencyGate::Passed> IdempotencyGate::enter(const RequestKey& key) {
  {
    const std::lock_guard lock(mutex_);
    const auto [found, entered] = under_way_.try_emplace({key.key_hi, key.key_lo}, key);
    if (!entered) {
      if (found->second != key) return used_with_another_body();
      return Error{ErrorCode::overloaded, "A request with this Idempotency-Key is under way: ask again in a moment for its answer.", "Idempotency-Key"};
    }
  }
  Passed passed{Ticket(*this, key), std::nullopt};
  // Asked only now that the ticket is held: whoever held it before us has left its entry behind.
  const std::optional<IdempotencyEntry> entry = find_(key.key_hi, key.key_lo);
  if (!entry) return passed;
  if (entry->body_hi != key.body_hi || entry->body_lo != key.body_lo) return used_with_another_body();
  passed.answer = answer_of(*entry);
  if (!passed.answer) return Error{ErrorCode::corrupt, "The answer kept for this Idempotency-Key cannot be read: use a new key.", "Idempotency-Key"};
  return passed;
}

void IdempotencyGate::leave(const RequestKey& key) {
  const std::lock_guard lock(mutex_);
  under_way_.erase({key.key_hi, key.key_lo});
}

}  // namespace penstock::ingest
