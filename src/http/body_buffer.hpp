// A request's body as it grows: unpacked, bounded, and covered by a lease of the byte budget at every moment.
#pragma once

#include <cstddef>
#include <string>

#include "base/byte_budget.hpp"
#include "http/decompress.hpp"
#include "penstock/core/result.hpp"

namespace penstock::http {

class BodyBuffer final : private UnpackedSink {
 public:
  // Appends to `body`, grows `lease`; both must outlive the buffer. `budget_limit`: of the budget that the lease is of; 0: the
  // lease is left alone (operations-critical requests). `expected`: size to make room for at once, already in the lease; 0 when not known.
  BodyBuffer(std::string& body, ByteBudget::Lease& lease, std::size_t budget_limit, ContentCoding coding, std::size_t max_body,
             std::size_t expected);

  // Takes bytes as they came. overloaded when the budget is spent, too_large when not all of it would do, else the errors of Decompressor.
  Result<void> feed(std::string_view bytes);
  // After the last byte: bad_encoding when the packed body was cut short. Gives back what the lease holds too much.
  Result<void> finish();

 private:
  Result<void> take(std::string_view piece) override;
  bool make_room(std::size_t size);
  bool cover(std::size_t size);

  std::string& body_;
  ByteBudget::Lease& lease_;
  const std::size_t budget_limit_;
  const std::size_t max_body_;
  Decompressor unpack_;
};

}  // namespace penstock::http
