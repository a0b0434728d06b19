#include "agent/spool.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/bytes.hpp"
#include "base/crc32c.hpp"
#include "base/log.hpp"

namespace penstock::agent {
namespace {

constexpr std::uint32_t kMagic = 0x4C4F5053;  // "SPOL"
constexpr std::uint32_t kSealedMagic = 0x53505053;  // "SPPS"
constexpr std::string_view kPlace = "penstock spool 1";
constexpr std::size_t kHeader = 12;
constexpr std::uint32_t kLongest = 64u << 20;

std::string content_of(const SpooledBatch& batch) {
  std::string content;
  content.reserve(batch.key.size() + batch.notes.size() + batch.body.size() + 64);
  append_fixed64(content, batch.sequence);
  content.push_back(static_cast<char>(batch.kind));
  append_fixed32(content, batch.records);
  append_sized(content, batch.key);
  append_sized(content, batch.notes);
  append_sized(content, batch.body);
  return content;
}

std::string framed(std::uint32_t magic, std::string_view content) {
  std::string bytes;
  bytes.reserve(content.size() + kHeader);
  append_fixed32(bytes, magic);
  append_fixed32(bytes, static_cast<std::uint32_t>(content.size()));
  append_fixed32(bytes, crc32c(content));
  return bytes += content;
}

bool decode_content(std::string_view content, SpooledBatch& batch) {
  ByteReader reader(content);
  std::string_view kind, key, notes, body;
  if (!reader.fixed64(batch.sequence) || !reader.bytes(1, kind) || !reader.fixed32(batch.records) || !reader.sized(key) ||
      !reader.sized(notes) || !reader.sized(body) || !reader.done()) {
    return false;
  }
  if (kind[0] != 1 && kind[0] != 2) return false;
  batch.kind = static_cast<SpoolKind>(kind[0]);
  batch.key = key;
  batch.notes = notes;
  batch.body = body;
  return true;
}

// What a sealed batch holds; nothing when it was changed, key_mismatch when its key is not at hand.
Result<std::optional<std::string>> open_content(Sealer* sealer, std::string_view content) {
  ByteReader in(content);
  KeyId key = 0;
  if (!in.fixed64(key)) return std::optional<std::string>();
  if (sealer == nullptr) return Error{ErrorCode::key_mismatch, "The buffer of this agent is sealed: give its key.", "seal-key-file"};
  auto opened = sealer->open(key, kPlace, content.substr(in.position()));
  if (opened) return std::optional<std::string>(std::move(*opened));
  if (opened.error().code == ErrorCode::corrupt) return std::optional<std::string>();
  return std::move(opened).error();
}

using MaybeBatch = Result<std::optional<SpooledBatch>>;

// The batch at `offset`, and where the next one starts; nothing when no whole batch stands there.
MaybeBatch read_batch(const Descriptor& file, std::uint64_t& offset, const std::string& path, Sealer* sealer) {
  const MaybeBatch none{std::nullopt};
  const Result<std::string> header = read_at(file, offset, kHeader, path);
  if (!header || header->size() < kHeader) return none;
  ByteReader reader(*header);
  std::uint32_t magic = 0, length = 0, checksum = 0;
  if (!reader.fixed32(magic) || !reader.fixed32(length) || !reader.fixed32(checksum)) return none;
  if ((magic != kMagic && magic != kSealedMagic) || length > kLongest) return none;
  Result<std::string> content = read_at(file, offset + kHeader, length, path);
  if (!content || content->size() < length || crc32c(*content) != checksum) return none;
  if (magic == kSealedMagic) {
    auto opened = open_content(sealer, *content);
    if (!opened) return std::move(opened).error();
    if (!*opened) return none;
    content = std::move(**opened);
  }
  SpooledBatch batch;
  if (!decode_content(*content, batch)) return none;
  offset += kHeader + length;
  return std::optional<SpooledBatch>(std::move(batch));
}

std::string file_name(std::uint64_t first) {
  char name[32];
  std::snprintf(name, sizeof name, "%020llu.spool", static_cast<unsigned long long>(first));
  return name;
}

}  // namespace

Spool::Spool(SpoolOptions options) : options_(std::move(options)) {
  if (options_.file_bytes == 0) options_.file_bytes = std::clamp<std::size_t>(options_.limit_bytes / 16, 64 << 10, 4 << 20);
}

Result<Spool> Spool::open(SpoolOptions options, std::uint64_t delivered, const std::function<void(const SpooledBatch&)>& visit) {
  Spool spool(std::move(options));
  if (Result<void> made = make_directories(spool.options_.directory); !made) return std::move(made).error();
  if (Result<void> scanned = spool.scan(delivered, visit); !scanned) return std::move(scanned).error();
  return spool;
}

Result<void> Spool::scan(std::uint64_t delivered, const std::function<void(const SpooledBatch&)>& visit) {
  std::error_code error;
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(options_.directory, error)) {
    if (entry.path().extension() == ".spool") names.push_back(entry.path().filename().string());
  }
  if (error) return Error{ErrorCode::io_error, "reading " + options_.directory + " failed: " + error.message(), ""};
  std::sort(names.begin(), names.end());
  delivered_ = delivered;
  next_ = std::max(delivered + 1, options_.least_sequence);
  for (const std::string& name : names) {
    SpoolFile file{options_.directory + "/" + name};
    if (Result<void> scanned = scan_file(file, visit); !scanned) return scanned;
    if (file.size == 0) {
      ::unlink(file.path.c_str());
      continue;
    }
    bytes_ += file.size;
    files_.push_back(std::move(file));
  }
  while (!files_.empty() && first_after(0) <= delivered_ + 1) forget_front();
  // A new file, so that nothing is ever written behind what a crash may have torn.
  return {};
}

Result<void> Spool::scan_file(SpoolFile& file, const std::function<void(const SpooledBatch&)>& visit) {
  const Descriptor descriptor(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor) return {};
  for (;;) {
    const MaybeBatch read = read_batch(descriptor, file.size, file.path, options_.sealer);
    if (!read) return read.error();
    const std::optional<SpooledBatch>& batch = *read;
    if (!batch) break;
    if (file.first == 0) file.first = batch->sequence;
    file.logs = file.logs || batch->kind == SpoolKind::logs;
    next_ = std::max(next_, batch->sequence + 1);
    if (visit) visit(*batch);
  }
  struct stat status {};
  if (::fstat(descriptor.get(), &status) == 0 && static_cast<std::uint64_t>(status.st_size) > file.size) {
    log::warn("agent", "the spool had a torn end, which was cut off",
              {{"file", file.path}, {"bytes", static_cast<std::uint64_t>(status.st_size) - file.size}});
    if (::truncate(file.path.c_str(), static_cast<off_t>(file.size)) != 0) log::warn("agent", "it could not be cut off", {{"file", file.path}});
  }
  return {};
}

std::uint64_t Spool::first_after(std::size_t file) const { return file + 1 < files_.size() ? files_[file + 1].first : next_; }

Result<std::string> Spool::encode(const SpooledBatch& batch) {
  std::string content = content_of(batch);
  if (options_.sealer == nullptr || key_ == 0) return framed(kMagic, content);
  std::string sealed;
  sealed.reserve(content.size() + 64);
  append_fixed64(sealed, key_);
  if (auto done = options_.sealer->seal_onto(sealed, key_, kPlace, content); !done) return done.error();
  return framed(kSealedMagic, sealed);
}

Result<void> Spool::begin_file() {
  SpoolFile file{options_.directory + "/" + file_name(next_), next_};
  writer_ = Descriptor(::open(file.path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!writer_) return call_error("opening", file.path);
  if (files_.empty()) read_offset_ = 0;
  files_.push_back(std::move(file));
  return {};
}

Result<void> Spool::write(std::string_view bytes) {
  SpoolFile& file = files_.back();
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t wrote = ::pwrite(writer_.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(file.size + done));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) {
      Error error = call_error("writing", file.path);
      if (file.size == 0) {
        writer_.reset();
        ::unlink(file.path.c_str());
        files_.pop_back();
      } else if (::ftruncate(writer_.get(), static_cast<off_t>(file.size)) != 0) {
        writer_.reset();
      }
      return error;
    }
    done += static_cast<std::size_t>(wrote);
  }
  file.size += bytes.size();
  bytes_ += bytes.size();
  return {};
}

Result<std::uint64_t> Spool::append(SpoolKind kind, std::uint32_t records, std::string_view key, std::string_view notes, std::string_view body) {
  if (options_.sealer != nullptr && (!writer_ || key_ == 0)) {
    auto current = options_.sealer->key_for("spool");
    if (!current) return current.error();
    key_ = *current;
  }
  const Result<std::string> encoded = encode({next_, kind, records, std::string(key), std::string(notes), std::string(body)});
  if (!encoded) return encoded.error();
  const std::string& bytes = *encoded;
  while (!files_.empty() && bytes_ + bytes.size() > options_.limit_bytes) drop_oldest();
  for (int attempt = 0;; ++attempt) {
    Result<void> written;
    if (!writer_ || files_.empty() || files_.back().size >= options_.file_bytes) written = begin_file();
    if (written) written = write(bytes);
    if (written) {
      files_.back().logs = files_.back().logs || kind == SpoolKind::logs;
      return next_++;
    }
    // A full disk: the oldest makes room once, then it is the caller's turn to wait.
    const bool dispensable = kind == SpoolKind::metrics && files_.size() > (writer_ ? 1u : 0u) && !files_.front().logs;
    if (written.error().code != ErrorCode::storage_full || attempt > 0 || !dispensable) return std::move(written).error();
    drop_oldest();
  }
}

std::optional<SpooledBatch> Spool::front() {
  while (!files_.empty()) {
    const SpoolFile& file = files_.front();
    if (read_offset_ < file.size) {
      const Descriptor descriptor(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC));
      while (descriptor && read_offset_ < file.size) {
        std::uint64_t next = read_offset_;
        MaybeBatch batch = read_batch(descriptor, next, file.path, options_.sealer);
        if (!batch || !*batch) break;
        if ((*batch)->sequence > delivered_) return std::move(*batch);
        read_offset_ = next;
      }
      if (read_offset_ < file.size) {
        log::error("agent", "a spool file cannot be read any more; what it held is lost", {{"file", file.path}});
        drop_oldest();
        continue;
      }
    }
    if (files_.size() == 1 && writer_ && file.size < options_.file_bytes) return std::nullopt;
    forget_front();
  }
  return std::nullopt;
}

void Spool::taken(std::uint64_t sequence) {
  delivered_ = std::max(delivered_, sequence);
  while (!files_.empty() && first_after(0) <= delivered_ + 1) forget_front();
}

void Spool::forget_front() {
  if (files_.size() == 1) writer_.reset();
  ::unlink(files_.front().path.c_str());
  bytes_ -= files_.front().size;
  files_.pop_front();
  read_offset_ = 0;
}

void Spool::drop_oldest() {
  const std::uint64_t end = first_after(0);
  const std::uint64_t from = std::max(files_.front().first, delivered_ + 1);
  if (end > from) {
    dropped_batches_ += end - from;
    dropped_bytes_ += files_.front().size - std::min(read_offset_, files_.front().size);
    delivered_ = std::max(delivered_, end - 1);
    log::warn("agent", "the buffer is full: the oldest batches were dropped", {{"batches", end - from}});
  }
  forget_front();
}

}  // namespace penstock::agent
