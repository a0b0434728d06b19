#include "chunk/block_seal.hpp"

#include <algorithm>
#include <cstring>
#include <random>

#include "base/bytes.hpp"
#include "base/crc32c.hpp"
#include "chunk/corrupt.hpp"

namespace penstock::chunk {
namespace {

constexpr std::size_t kMagicBytes = 4;
constexpr std::size_t kSealBytes = 64;  // checksum, and what a seal usually adds

}  // namespace

ChunkIdentity ChunkIdentity::of(const ChunkMeta& meta, const Nonce& nonce) {
  return {meta.deployment, meta.kind, meta.journal, meta.day, nonce};
}

Nonce random_nonce() {
  std::random_device device;
  Nonce nonce;
  for (std::size_t i = 0; i < nonce.size(); i += sizeof(std::uint32_t)) write_fixed<std::uint32_t>(nonce.data() + i, device());
  return nonce;
}

BlockSeal::BlockSeal(const ChunkIdentity& identity, Sealer& sealer, KeyId key) : sealer_(&sealer), key_(key) {
  append_sized(associated_, "penstock chunk 1");
  append_sized(associated_, identity.deployment);
  associated_.push_back(static_cast<char>(identity.kind));
  append_fixed64(associated_, static_cast<std::uint64_t>(identity.journal.value));
  append_fixed32(associated_, static_cast<std::uint32_t>(identity.day));
  associated_.append(identity.nonce.data(), identity.nonce.size());
  prefix_ = associated_.size();
}

std::string_view BlockSeal::associated(Part part, std::uint64_t index) {
  associated_.resize(prefix_);
  associated_.push_back(static_cast<char>(part));
  append_varint(associated_, index);
  return associated_;
}

Result<std::string> BlockSeal::close(Part part, std::uint64_t index, std::string_view plain) {
  const std::string_view place = associated(part, index);
  std::string out;
  out.reserve(plain.size() + kSealBytes);
  out.resize(sizeof(std::uint32_t));
  if (auto sealed = sealer_->seal_onto(out, key_, place, plain); !sealed) return std::move(sealed).error();
  write_fixed<std::uint32_t>(out.data(), crc32c(std::string_view(out).substr(sizeof(std::uint32_t)), crc32c(place)));
  return out;
}

Result<std::string> BlockSeal::open(Part part, std::uint64_t index, std::string_view stored) {
  if (stored.size() < sizeof(std::uint32_t)) return corrupt("a block too short for its checksum");
  const auto crc = read_fixed<std::uint32_t>(stored.data());
  stored.remove_prefix(sizeof(std::uint32_t));
  const std::string_view place = associated(part, index);
  if (crc32c(stored, crc32c(place)) != crc) return corrupt("a checksum");
  return sealer_->open(key_, place, stored);
}

std::string key_scope(std::string_view deployment, std::int32_t day) {
  return "chunk/" + std::string(deployment) + "/" + std::to_string(day);
}

Result<std::string> close_header(std::string_view magic, const Nonce& nonce, BlockSeal& seal, std::string_view body) {
  auto sealed = seal.close(Part::header, 0, body);
  if (!sealed) return std::move(sealed).error();
  std::string out(magic);
  out.append(nonce.data(), nonce.size());
  out += *sealed;
  return out;
}

Result<Nonce> header_nonce(std::string_view magic, std::string_view header, std::string_view earlier) {
  Nonce nonce;
  if (header.size() < kMagicBytes + nonce.size()) return corrupt("a header too short");
  if (header.substr(0, kMagicBytes) != magic && header.substr(0, kMagicBytes) != earlier) {
    if (header.substr(0, kMagicBytes - 1) == magic.substr(0, kMagicBytes - 1)) {
      return Error{ErrorCode::unsupported_version, "A chunk was written by a newer version: run that version to read it.", ""};
    }
    return corrupt("a header's first bytes");
  }
  std::copy_n(header.data() + kMagicBytes, nonce.size(), nonce.data());
  return nonce;
}

Result<std::string> open_header(std::string_view header, BlockSeal& seal) {
  return seal.open(Part::header, 0, header.substr(kMagicBytes + sizeof(Nonce)));
}

}  // namespace penstock::chunk
