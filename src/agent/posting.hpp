// One attempt to hand a batch to a server, and what its answer means.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/transport.hpp"

namespace penstock::agent {

enum class Verdict {
  taken,    // 2xx: the server is responsible now
  retry,    // no answer, 408, 429, 5xx but 501: the same batch under the same key again
  refused,  // any other status: trying again changes nothing
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
  std::vector<Rejection> rejections;
  std::string message;         // what went wrong, for a person
  std::optional<std::chrono::seconds> retry_after;
};

// `records` is what the batch holds.
Outcome post_once(Transport& transport, const Posting& posting, std::uint64_t records);

// 32 hex digits, random.
std::string make_idempotency_key();

}  // namespace penstock::agent
