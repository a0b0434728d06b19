// One attempt to hand a batch to a server, and what its answer means.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/transport.hpp"

namespace penstock::agent {

enum class Verdict {
  taken,      // 2xx: the server is responsible now
  retry,      // no answer, 408, 429, 5xx but 501: the same batch under the same key again
  blocked,    // 401, 403, 404, 405, 3xx and what is not named here; a URL, certificate or protocol that cannot work: not for what the batch
              // holds, so it is good still, but somebody has to see to the token or the address (advice() says which)
  too_large,  // 413: in parts it may be taken
  refused,    // 400, 422: for its content; 409: its key is spent. Trying again changes nothing
};

// A record that the server refused, by its place in the batch.
struct Rejection {
  std::size_t index = 0;
  std::string code;
  std::string field;
  std::string message;
};

struct Outcome {
  Verdict verdict = Verdict::retry;
  int status = 0;              // 0: no answer
  std::uint64_t accepted = 0;  // as the server tells; of an answer without numbers, all
  std::uint64_t rejected = 0;
  std::vector<Rejection> rejections;  // the first ones, with their reasons
  std::uint64_t rejected_samples = 0;     // of points, most of which the server took otherwise
  std::vector<Rejection> sample_rejections;  // the first ones
  std::vector<std::size_t> refused;   // indexes of rejected records, in order, each once: all, unless there are fewer than `rejected`
  std::string message;         // what went wrong, for a person
  std::optional<std::chrono::seconds> retry_after;
};

// What somebody can do about a `blocked` or `too_large` outcome, for a person; empty for the others.
std::string advice(const Outcome& outcome);

// `records` is what the batch holds.
Outcome post_once(Transport& transport, const Posting& posting, std::uint64_t records);

// 32 hex digits, random.
std::string make_idempotency_key();

}  // namespace penstock::agent
