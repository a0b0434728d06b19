// Retries that are harmless: what a request with an Idempotency-Key is known by, and a guard so that two at once store once.
//
// Order: enter() → (an answer is known: give it) → decode, BatchWriter::set_idempotency(entry_of(…)), submit → after `done` and after
// the journal's find() knows the entry, let the ticket go.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "penstock/core/batch.hpp"
#include "penstock/core/result.hpp"

namespace penstock::ingest {

// Hashes (XXH3, 128 bit): the key's over who asked and the key, the body's over the unpacked body and `meaning`: the endpoint and
// whatever else of a request makes it another one.
struct RequestKey {
  std::uint64_t key_hi = 0, key_lo = 0;
  std::uint64_t body_hi = 0, body_lo = 0;
  bool operator==(const RequestKey&) const = default;
};

// invalid_request unless the key is 1 to 255 printable ASCII characters.
Result<RequestKey> hash_request(std::string_view principal, std::string_view key, std::string_view meaning, std::string_view body);

// An answer as IdempotencyEntry keeps it.
struct KnownAnswer {
  int status = 200;
  std::string body;
};
IdempotencyEntry entry_of(const RequestKey& key, const KnownAnswer& answer);
// nullopt when the entry's answer is not of that form.
std::optional<KnownAnswer> answer_of(const IdempotencyEntry& entry);

// Thread-safe; outlives its tickets.
class IdempotencyGate {
 public:
  using Find = std::function<std::optional<IdempotencyEntry>(std::uint64_t key_hi, std::uint64_t key_lo)>;
  // `find`: the durable entry of a key, as FileJournal::find; callable from any thread.
  explicit IdempotencyGate(Find find);

  // Holds a key while its request is under way. Movable; any thread may end it.
  class Ticket {
   public:
    Ticket(Ticket&& other) noexcept;
    Ticket& operator=(Ticket&& other) noexcept;
    ~Ticket();

   private:
    friend class IdempotencyGate;
    Ticket(IdempotencyGate& gate, const RequestKey& key) : gate_(&gate), key_(key) {}
    IdempotencyGate* gate_;
    RequestKey key_;
  };

  struct Passed {
    Ticket ticket;
    std::optional<KnownAnswer> answer;  // stored already: give this, store nothing
  };
  // conflict: the key was used, or is being used, for another request. overloaded: the same request is under way; the client asks again.
  Result<Passed> enter(const RequestKey& key);

 private:
  struct KeyHash {
    std::size_t operator()(const std::pair<std::uint64_t, std::uint64_t>& key) const { return static_cast<std::size_t>(key.first); }
  };
  void leave(const RequestKey& key);

  const Find find_;
  std::mutex mutex_;
  std::unordered_map<std::pair<std::uint64_t, std::uint64_t>, RequestKey, KeyHash> under_way_;
};

}  // namespace penstock::ingest
