#include "journal/disk_room.hpp"

#include <algorithm>
#include <limits>

namespace penstock::journal {
namespace {

constexpr std::uint64_t kMargin = 4096;   // headers, seals, footers of a commit
constexpr std::uint64_t kSegment = 12288;  // what a segment holds besides: its header, its footer, slack

constexpr std::uint64_t kSpare = 64u << 10;
constexpr std::uint64_t kSegmentsInBudget = 4;

// Sealing and batch headers add a little to many small batches.
std::uint64_t need_of(std::uint64_t bytes) { return bytes + bytes / 64 + kMargin; }

std::uint64_t minus(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; }

}  // namespace

Options fitting(Options options) {
  options.segment_bytes = std::min(options.segment_bytes, options.disk_budget / kSegmentsInBudget);
  return options;
}

std::uint64_t spare_bytes(const Options& options) { return std::min(kSpare, options.segment_bytes / 4); }

DiskRoom::DiskRoom(const Options& options, FileSystem& files, const SegmentCatalog& catalog)
    : options_(options), files_(files), catalog_(catalog) {}

bool DiskRoom::admits(std::uint64_t pending_bytes) const {
  const std::uint64_t need = need_of(pending_bytes);
  return need <= here_.load(std::memory_order_relaxed) || elsewhere_for(need) <= elsewhere_.load(std::memory_order_relaxed);
}

std::uint64_t DiskRoom::room_for(std::uint64_t bytes) { return need_of(bytes) + kSegment; }

bool DiskRoom::could_admit(std::uint64_t bytes) const {
  return elsewhere_for(need_of(bytes)) <= minus(options_.disk_budget, 2 * spare_bytes(options_));
}

std::uint64_t DiskRoom::elsewhere_for(std::uint64_t need) const {
  // A frame is never divided: what does not fit here as a whole may have to go elsewhere as a whole. When that is more than one
  // segment, the first may end early, because the next frame does not fit.
  std::uint64_t more = need + kSegment;
  if (more > options_.segment_bytes) more += std::min<std::uint64_t>(options_.max_frame_bytes, options_.segment_bytes);
  return more;
}

std::uint64_t DiskRoom::left_by_disk() const {
  return minus(free_.load(std::memory_order_relaxed), options_.free_reserve_bytes);
}

std::uint64_t DiskRoom::allowance() const {
  const std::uint64_t used = catalog_.sizes().bytes + prepared_.load(std::memory_order_relaxed);
  return std::min(minus(options_.disk_budget, used + spare_bytes(options_)), left_by_disk());
}

void DiskRoom::update() {
  const CatalogSizes sizes = catalog_.sizes();
  const std::uint64_t prepared = prepared_.load(std::memory_order_relaxed);
  const std::uint64_t by_budget = minus(options_.disk_budget + sizes.consumed, sizes.bytes + spare_bytes(options_));
  here_.store(sizes.active_left, std::memory_order_relaxed);
  elsewhere_.store(std::min(by_budget, left_by_disk() + prepared + sizes.consumed), std::memory_order_relaxed);
}

void DiskRoom::refresh() {
  const auto free = files_.free_bytes(options_.directory);
  // Not knowing is no reason to refuse: a full disk is then met when a segment is allocated, before anything is acknowledged.
  free_.store(free ? *free : std::numeric_limits<std::uint64_t>::max() / 2, std::memory_order_relaxed);
  update();
}

void DiskRoom::set_prepared(std::uint64_t bytes) {
  prepared_.store(bytes, std::memory_order_relaxed);
  refresh();
}

bool DiskRoom::above_soft_limit() const {
  const CatalogSizes sizes = catalog_.sizes();
  const double used = static_cast<double>(sizes.bytes - sizes.active_left - sizes.consumed);
  return used > options_.soft_limit * static_cast<double>(options_.disk_budget);
}

}  // namespace penstock::journal
