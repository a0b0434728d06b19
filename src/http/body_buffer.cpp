#include "http/body_buffer.hpp"

#include <algorithm>

namespace penstock::http {
namespace {

Error overloaded() {
  return {ErrorCode::overloaded, "Too many bytes are in flight already: send this again in a moment.", ""};
}

}  // namespace

BodyBuffer::BodyBuffer(std::string& body, ByteBudget::Lease& lease, bool leased, ContentCoding coding,
                       std::size_t max_body, std::size_t expected)
    : body_(body),
      lease_(lease),
      leased_(leased),
      max_body_(max_body),
      unpack_(coding, UnpackLimits{.max_bytes = max_body}) {
  if (expected > 0 && coding == ContentCoding::identity) body_.reserve(std::min(expected, max_body));
}

Result<void> BodyBuffer::feed(std::string_view bytes) {
  Result<void> fed = unpack_.feed(bytes, *this);
  // A zstd window is made inside the codec: it is counted as soon as it is there.
  if (fed && !cover(body_.capacity() + unpack_.memory())) return overloaded();
  return fed;
}

Result<void> BodyBuffer::take(std::string_view piece) {
  if (!make_room(body_.size() + piece.size())) return overloaded();
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
  return !leased_ || size <= lease_.size() || lease_.grow(size - lease_.size());
}

Result<void> BodyBuffer::finish() {
  Result<void> finished = unpack_.finish();
  unpack_ = Decompressor(ContentCoding::identity, {});
  if (leased_ && lease_.size() > body_.capacity()) lease_.shrink(lease_.size() - body_.capacity());
  return finished;
}

}  // namespace penstock::http
