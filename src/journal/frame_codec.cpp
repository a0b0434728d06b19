#include "journal/frame_codec.hpp"

#include <zstd.h>

#include "base/bytes.hpp"
#include "base/crc32c.hpp"

namespace penstock::journal {
namespace {

constexpr int kPackLevel = 1;
constexpr std::size_t kKeepBufferBytes = 8u << 20;        // a frame beyond this is rare: its buffers are given back
constexpr std::uint32_t kMaxPlainBytes = 512u << 20;      // more was never written
constexpr std::size_t kSealBytes = 128;                    // what a seal usually adds, and more
constexpr std::size_t kBatchHeaderBytes = 2 * sizeof(std::uint32_t);

Error damaged(std::string message) { return Error{ErrorCode::corrupt, std::move(message), ""}; }

void append_key(std::string& out, const KeptKey& key) {
  append_fixed64(out, static_cast<std::uint64_t>(key.committed_at.ns));
  append_fixed64(out, key.entry.key_hi);
  append_fixed64(out, key.entry.key_lo);
  append_fixed64(out, key.entry.body_hi);
  append_fixed64(out, key.entry.body_lo);
  append_sized(out, key.entry.answer);
}

void give_back(std::string& buffer) {
  buffer.clear();
  if (buffer.capacity() > kKeepBufferBytes) buffer.shrink_to_fit();
}

std::string finish(FrameHeader header, FramePlace place, std::string_view payload) {
  std::string out(frame_bytes(payload.size()), '\0');
  header.payload_bytes = static_cast<std::uint32_t>(payload.size());
  header.payload_crc = crc32c(payload, place.checksum_seed());
  encode_frame_header(out.data(), header, place);
  out.replace(kFrameHeaderBytes, payload.size(), payload);
  return out;
}

}  // namespace

struct FrameEncoder::Packer {
  Packer() : context(ZSTD_createCCtx()) { ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, kPackLevel); }
  ~Packer() { ZSTD_freeCCtx(context); }
  Packer(const Packer&) = delete;
  Packer& operator=(const Packer&) = delete;
  ZSTD_CCtx* context;
};

FrameEncoder::FrameEncoder(Sealer& sealer, bool compress, std::size_t compress_above)
    : sealer_(sealer), compress_above_(compress_above), packer_(compress ? std::make_unique<Packer>() : nullptr) {}

FrameEncoder::~FrameEncoder() = default;

void FrameEncoder::set_batches(const Frame& frame, bool has_idempotency) {
  header_ = {};
  header_.flags = has_idempotency ? kHasIdempotency : 0;
  header_.first = frame.first;
  header_.count = frame.count;
  header_.batches = static_cast<std::uint32_t>(frame.batches.size());
  header_.min_time = frame.min_time;
  header_.max_time = frame.max_time;
  give_back(plain_);
  plain_.reserve(frame.size_bytes + frame.batches.size() * kBatchHeaderBytes);
  for (const Frame::Batch& batch : frame.batches) {
    append_fixed32(plain_, batch.count);
    append_fixed32(plain_, static_cast<std::uint32_t>(batch.bytes.size()));
    plain_.append(batch.bytes);
  }
  pack();
}

void FrameEncoder::set_keys(const std::vector<KeptKey>& keys, Sequence next) {
  header_ = {};
  header_.flags = kKeysOnly;
  header_.first = next;
  give_back(plain_);
  for (const KeptKey& key : keys) append_key(plain_, key);
  pack();
}

void FrameEncoder::pack() {
  header_.plain_bytes = static_cast<std::uint32_t>(plain_.size());
  give_back(packed_);
  if (!packer_ || plain_.size() <= compress_above_) return;
  packed_.resize(ZSTD_compressBound(plain_.size()));
  const std::size_t size = ZSTD_compress2(packer_->context, packed_.data(), packed_.size(), plain_.data(), plain_.size());
  if (ZSTD_isError(size) || size >= plain_.size()) {
    packed_.clear();
    return;
  }
  packed_.resize(size);
  header_.flags |= kCompressed;
}

Result<std::string_view> FrameEncoder::encode(FramePlace place, KeyId key, Sequence durable_end, Timestamp committed_at) {
  header_.durable_end = durable_end;
  header_.committed_at = committed_at;
  header_.key = key;
  const std::string& content = header_.flags & kCompressed ? packed_ : plain_;
  give_back(out_);
  out_.reserve(frame_bytes(content.size() + kSealBytes));
  out_.resize(kFrameHeaderBytes);
  if (auto sealed = sealer_.seal_onto(out_, key, associated_data(place, header_.first), content); !sealed) return std::move(sealed).error();
  const std::string_view payload = std::string_view(out_).substr(kFrameHeaderBytes);
  header_.payload_bytes = static_cast<std::uint32_t>(payload.size());
  header_.payload_crc = crc32c(payload, place.checksum_seed());
  encode_frame_header(out_.data(), header_, place);
  out_.resize(frame_bytes(payload.size()), '\0');
  return std::string_view(out_);
}

std::string associated_data(FramePlace place, Sequence first) {
  std::string out;
  append_fixed64(out, place.segment);
  append_fixed64(out, place.offset);
  append_fixed64(out, first);
  return out;
}

std::string encode_footer(const Footer& footer, FramePlace place, Sequence end, Timestamp now) {
  std::string payload;
  append_fixed64(payload, footer.keys_offset);
  append_fixed64(payload, static_cast<std::uint64_t>(footer.last_commit.ns));
  FrameHeader header;
  header.flags = kFooter;
  header.first = end;
  header.durable_end = end;
  header.committed_at = now;
  header.plain_bytes = static_cast<std::uint32_t>(payload.size());
  return finish(header, place, payload);
}

Result<Footer> decode_footer(std::string_view payload) {
  ByteReader in(payload);
  Footer footer;
  std::uint64_t last = 0;
  if (!in.fixed64(footer.keys_offset) || !in.fixed64(last)) return damaged("The footer of a segment is too short.");
  footer.last_commit.ns = static_cast<std::int64_t>(last);
  return footer;
}

Result<std::string> open_payload(Sealer& sealer, FramePlace place, const FrameHeader& header, std::string_view payload) {
  if (!payload_matches(place, header, payload)) return damaged("A frame of the journal fails its checksum.");
  auto opened = header.flags & kFooter ? Result<std::string>(std::string(payload))
                                       : sealer.open(header.key, associated_data(place, header.first), payload);
  if (!opened) return opened;
  if (!(header.flags & kCompressed)) {
    if (opened->size() != header.plain_bytes) {
      return damaged("A frame of the journal has another size than its header says.");
    }
    return opened;
  }
  const auto content_bytes = ZSTD_getFrameContentSize(opened->data(), opened->size());
  if (header.plain_bytes > kMaxPlainBytes || content_bytes != header.plain_bytes) {
    return damaged("A packed frame of the journal has another size than its header says.");
  }
  std::string plain(header.plain_bytes, '\0');
  const std::size_t size = ZSTD_decompress(plain.data(), plain.size(), opened->data(), opened->size());
  if (ZSTD_isError(size) || size != plain.size()) return damaged("A packed frame of the journal cannot be unpacked.");
  return plain;
}

Result<FramePtr> decode_batches(JournalId journal, const FrameHeader& header, std::string_view plain) {
  auto frame = std::make_shared<Frame>();
  frame->journal = journal;
  frame->first = header.first;
  frame->count = header.count;
  frame->min_time = header.min_time;
  frame->max_time = header.max_time;
  frame->committed_at = header.committed_at;
  ByteReader in(plain);
  Sequence first = header.first;
  while (!in.done()) {
    std::uint32_t count = 0, size = 0;
    std::string_view bytes;
    if (!in.fixed32(count) || !in.fixed32(size) || !in.bytes(size, bytes)) {
      return damaged("A frame of the journal ends within a batch.");
    }
    frame->batches.push_back({first, count, std::string(bytes)});
    frame->size_bytes += size;
    first += count;
  }
  if (first != header.next() || frame->batches.size() != header.batches) {
    return damaged("A frame of the journal holds another number of records than its header says.");
  }
  return FramePtr(std::move(frame));
}

Result<std::vector<KeptKey>> decode_keys(std::string_view plain) {
  std::vector<KeptKey> keys;
  ByteReader in(plain);
  while (!in.done()) {
    KeptKey key;
    std::uint64_t committed = 0;
    std::string_view answer;
    if (!in.fixed64(committed) || !in.fixed64(key.entry.key_hi) || !in.fixed64(key.entry.key_lo) ||
        !in.fixed64(key.entry.body_hi) || !in.fixed64(key.entry.body_lo) || !in.sized(answer)) {
      return damaged("A frame of kept keys ends within a key.");
    }
    key.committed_at.ns = static_cast<std::int64_t>(committed);
    key.entry.answer = answer;
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace penstock::journal
