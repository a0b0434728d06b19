#include "chunk/damaged_chunks.hpp"

#include "base/log.hpp"

namespace penstock::chunk {
namespace {

constexpr std::string_view kCounter = "penstock_damaged_chunks_total";
constexpr std::string_view kHelp = "Chunks found damaged since the start, each once, by who found them and what of them is damaged.";

std::string day_text(std::int32_t day) { return format_rfc3339(Timestamp{day * kDay}).substr(0, 10); }

}  // namespace

std::string name_of(const ChunkMeta& meta) {
  return "chunk " + std::to_string(meta.id) + " (" + meta.deployment + ", " + (meta.kind == RecordKind::log ? "logs" : "metrics") +
         " of " + day_text(meta.day) + ")";
}

DamagedChunks::DamagedChunks(MetricsRegistry& metrics, std::string_view found_by)
    : contents_(metrics.counter(kCounter, kHelp, {{"found_by", std::string(found_by)}, {"part", "content"}})),
      filters_(metrics.counter(kCounter, kHelp, {{"found_by", std::string(found_by)}, {"part", "filter"}})) {}

Error DamagedChunks::content(const ChunkMeta& meta, const Error& why) {
  note(meta, Part::content, why);
  return Error{ErrorCode::corrupt,
               "Damaged in the store: " + name_of(meta) + ". Leave its day out, delete what it covers, or restore a backup.", "", why.message};
}

void DamagedChunks::filter(const ChunkMeta& meta, const Error& why) { note(meta, Part::filter, why); }

void DamagedChunks::note(const ChunkMeta& meta, Part part, const Error& why) {
  {
    const std::lock_guard lock(mutex_);
    if (told_.size() >= kRemembered) told_.clear();
    if (!told_.emplace(meta.id, part).second) return;
  }
  (part == Part::content ? contents_ : filters_).add();
  if (part == Part::content) {
    log::error("chunk", "a stored chunk is damaged; it is kept, and what needs it says so", {{"chunk", name_of(meta)}, {"error", why.message}});
  } else {
    log::warn("chunk", "the word filter of a stored chunk is damaged; searches read the chunk instead", {{"chunk", name_of(meta)}, {"error", why.message}});
  }
}

}  // namespace penstock::chunk
