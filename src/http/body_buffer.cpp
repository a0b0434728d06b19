#include "http/body_buffer.hpp"

#include <algorithm>

namespace penstock::http {
namespace {

// What one step unpacks at most, but for the piece it is at.
constexpr std::size_t kInlineStep = 64 * 1024, kHeavyStep = 256 * 1024;
constexpr std::size_t kStride = 8;  // room for an announced body, in what has arrived of it

}  // namespace

BodyBuffer::BodyBuffer(std::string& body, ByteBudget::Lease& lease, std::size_t budget_limit, ContentCoding coding, std::size_t max_body,
                       std::size_t expected)
    : body_(body),
      lease_(lease),
      budget_limit_(budget_limit),
      coding_(coding),
      max_body_(max_body),
      expected_(coding == ContentCoding::identity ? std::min(expected, max_body) : 0),
      unpack_(coding, UnpackLimits{.max_bytes = max_body}) {}

// Of the body after the next step.
std::size_t BodyBuffer::next_size(std::size_t arriving) const {
  const std::size_t step = coding_ == ContentCoding::identity ? arriving : (is_heavy() ? kHeavyStep : kInlineStep) + Decompressor::kPiece;
  return std::min(body_.size() + step, expected_ > 0 ? expected_ : max_body_);
}

bool BodyBuffer::cover(std::size_t arriving) {
  const std::size_t size = next_size(arriving);
  if (size <= body_.capacity() || expected_ > 0) return covers(needs(arriving));
  // It is moved to where there is more room, and for that moment is there twice.
  const std::size_t doubled = std::min(std::max(size, body_.capacity() * 2), max_body_);
  return covers(doubled + unpack_.memory()) || covers(needs(arriving));
}

bool BodyBuffer::covers(std::size_t size) {
  return budget_limit_ == 0 || size <= lease_.size() || lease_.grow(size - lease_.size());
}

Error BodyBuffer::no_room(std::size_t arriving) const {
  // Sent again it would fail again.
  if (needs(arriving) > budget_limit_) {
    return {ErrorCode::too_large, "The body takes more memory than all bodies together may: send it in several requests.", ""};
  }
  return {ErrorCode::overloaded, "Too many bytes are in flight already: send this again in a moment.", ""};
}

Result<std::size_t> BodyBuffer::step(std::string_view bytes) {
  const Result<std::size_t> consumed = unpack_.feed(bytes, *this, is_heavy() ? kHeavyStep : kInlineStep);
  // A zstd window is made inside the codec: it is counted as soon as it is there.
  if (consumed && !covers(held())) return no_room(0);
  return consumed;
}

Result<void> BodyBuffer::take(std::string_view piece) {
  const std::size_t size = body_.size() + piece.size();
  if (size > body_.capacity()) {
    std::size_t room = std::min(std::max(size, body_.capacity() * 2), max_body_);
    if (expected_ > 0) room = std::min(std::max(size * kStride, kHeavyFrom), expected_);
    if (expected_ == 0 && budget_limit_ > 0 && room > lease_.size()) room = std::min(size + size / 4, max_body_);
    body_.reserve(std::max(room, size));
  }
  body_.append(piece);
  return {};
}

Result<void> BodyBuffer::finish() {
  Result<void> finished = unpack_.finish();
  unpack_ = Decompressor(ContentCoding::identity, {});
  if (budget_limit_ > 0 && lease_.size() > body_.size()) lease_.shrink(lease_.size() - body_.size());
  return finished;
}

}  // namespace penstock::http
