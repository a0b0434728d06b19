#include "http/body_buffer.hpp"

#include <algorithm>

namespace penstock::http {
namespace {

// For want of `size` bytes. What does not fit with nothing beside it never will, and must not be sent again.
Error no_room(std::size_t size, std::size_t limit) {
  if (size > limit) return {ErrorCode::too_large, "The body takes more memory than all bodies may: send it in several requests.", ""};
  return {ErrorCode::overloaded, "Too many bytes are in flight already: send this again in a moment.", ""};
}

}  // namespace

BodyBuffer::BodyBuffer(std::string& body, ByteBudget::Lease& lease, std::size_t budget_limit, ContentCoding coding,
                       std::size_t max_body, std::size_t expected)
    : body_(body),
      lease_(lease),
      budget_limit_(budget_limit),
      max_body_(max_body),
      unpack_(coding, UnpackLimits{.max_bytes = max_body}) {
  if (expected > 0 && coding == ContentCoding::identity) body_.reserve(std::min(expected, max_body));
}

Result<void> BodyBuffer::feed(std::string_view bytes) {
  Result<void> fed = unpack_.feed(bytes, *this);
  // A zstd window is made inside the codec: it is counted as soon as it is there.
  const std::size_t held = body_.capacity() + unpack_.memory();
  if (fed && !cover(held)) return no_room(held, budget_limit_);
  return fed;
}

Result<void> BodyBuffer::take(std::string_view piece) {
  const std::size_t size = body_.size() + piece.size();
  if (!make_room(size)) return no_room(size + unpack_.memory(), budget_limit_);
  body_.append(piece);
  return {};
}

bool BodyBuffer::make_room(std::size_t size) {
  if (size <= body_.capacity()) return true;
  const std::size_t doubled = std::max({size, body_.capacity() * 2, std::size_t{4096}});
  const std::size_t generous = std::min(doubled, std::max(size, max_body_));
  const std::size_t room = cover(generous + unpack_.memory()) ? generous : size;
  if (room == size && !cover(size + unpack_.memory())) return false;
  body_.reserve(room);
  return true;
}

bool BodyBuffer::cover(std::size_t size) {
  return budget_limit_ == 0 || size <= lease_.size() || lease_.grow(size - lease_.size());
}

Result<void> BodyBuffer::finish() {
  Result<void> finished = unpack_.finish();
  unpack_ = Decompressor(ContentCoding::identity, {});
  if (budget_limit_ > 0 && lease_.size() > body_.capacity()) lease_.shrink(lease_.size() - body_.capacity());
  return finished;
}

}  // namespace penstock::http
