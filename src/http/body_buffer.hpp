// A request's body as it grows: unpacked, bounded, and covered by a lease of the byte budget at every moment.
//
// The lease covers what has arrived and what the next step may add, never what a client has only announced. Room for an announced
// body is set aside in a few strides, as memory that nobody touched is not there yet.
#pragma once

#include <cstddef>
#include <string>

#include "base/byte_budget.hpp"
#include "http/decompress.hpp"
#include "penstock/core/result.hpp"

namespace penstock::http {

// One thread at a time. For each bytes that come: cover(), then step() until they are consumed and nothing is pending, with
// cover() before each.
class BodyBuffer final : private UnpackedSink {
 public:
  // Appends to `body`, grows `lease`; both must outlive the buffer. `budget_limit`: of the budget that the lease is of; 0: the
  // lease is left alone (operations-critical requests). `expected`: bytes as they come; 0 when not known.
  BodyBuffer(std::string& body, ByteBudget::Lease& lease, std::size_t budget_limit, ContentCoding coding, std::size_t max_body,
             std::size_t expected);

  // Lets the lease cover a step over at most `arriving` bytes. False: the budget has not so much now; see no_room().
  bool cover(std::size_t arriving);
  // What to answer then: too_large when not even all of the budget would do, else overloaded.
  Error no_room(std::size_t arriving) const;
  // Takes bytes as they came, no more than were covered, and of a packed body no more than it may unpack at a time; tells how many it took.
  // overloaded when the codec's own memory passes the budget, else the errors of Decompressor.
  Result<std::size_t> step(std::string_view bytes);
  // Unpacked bytes wait in the codec: step() with nothing takes them.
  bool pending() const { return unpack_.pending(); }
  // A step takes longer than an io thread should give it.
  bool is_heavy() const { return coding_ != ContentCoding::identity && body_.size() >= kHeavyFrom; }
  std::size_t held() const { return body_.size() + unpack_.memory(); }
  // After the last byte: bad_encoding when the packed body was cut short. Gives back what the lease holds too much.
  Result<void> finish();

 private:
  static constexpr std::size_t kHeavyFrom = 64 * 1024;

  Result<void> take(std::string_view piece) override;
  std::size_t next_size(std::size_t arriving) const;
  std::size_t needs(std::size_t arriving) const { return next_size(arriving) + unpack_.memory(); }
  bool covers(std::size_t size);

  std::string& body_;
  ByteBudget::Lease& lease_;
  const std::size_t budget_limit_;
  const ContentCoding coding_;
  const std::size_t max_body_;
  const std::size_t expected_;  // of an identity body; else 0
  Decompressor unpack_;
};

}  // namespace penstock::http
