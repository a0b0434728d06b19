#include "query/chunk_walk.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace penstock::query {
namespace {

// Start of a day, cut to what a Timestamp can hold.
Timestamp day_start(std::int64_t day) {
  constexpr std::int64_t kMaxDay = std::numeric_limits<std::int64_t>::max() / kDay;
  if (day > kMaxDay) return Timestamp{std::numeric_limits<std::int64_t>::max()};
  if (day < -kMaxDay) return Timestamp{std::numeric_limits<std::int64_t>::min()};
  return Timestamp{day * kDay};
}

constexpr std::int32_t kMaxWindowDays = 1 << 18;  // all that a Timestamp can hold

}  // namespace

Error memory_error() {
  return Error{ErrorCode::overloaded,
               "The memory for queries is used up: narrow the time range or the filters, or try again in a moment.", ""};
}

ChunkWalk::ChunkWalk(StoreSnapshot& snapshot, ChunkFilter filter, bool ascending, ByteBudget::Lease& lease)
    : snapshot_(snapshot),
      filter_(std::move(filter)),
      ascending_(ascending),
      lease_(lease),
      rest_from_(filter_.from),
      rest_to_(filter_.to),
      days_(filter_.containing ? kMaxWindowDays : 1) {}

ChunkWalk::~ChunkWalk() { drop(); }

void ChunkWalk::drop() {
  window_.clear();
  lease_.shrink(std::exchange(charged_, 0));
}

bool ChunkWalk::next(Timestamp& from, Timestamp& to) {
  if (rest_from_ >= rest_to_) return false;
  if (ascending_) {
    from_ = rest_from_;
    to_ = std::min(rest_to_, day_start(std::int64_t{day_of(rest_from_)} + days_));
    rest_from_ = to_;
  } else {
    to_ = rest_to_;
    from_ = std::max(rest_from_, day_start(std::int64_t{day_of(Timestamp{rest_to_.ns - 1})} - days_ + 1));
    rest_to_ = from_;
  }
  from = from_;
  to = to_;
  return true;
}

Result<const std::vector<Chunk>*> ChunkWalk::load(const Accept& accept) {
  drop();
  ChunkFilter filter = filter_;
  filter.from = from_;
  filter.to = to_;
  std::optional<Error> failed;
  bool found = false;
  auto visited = snapshot_.chunks(filter, [&](const Chunk& chunk) {
    found = true;
    auto wanted = accept(chunk);
    if (!wanted) {
      failed = std::move(wanted).error();
      return false;
    }
    if (!*wanted) return true;
    const std::size_t size = sizeof(Chunk) + chunk.header.size() + chunk.meta.deployment.size();
    if (!lease_.grow(size)) {
      failed = memory_error();
      return false;
    }
    charged_ += size;
    window_.push_back(Chunk{chunk.meta, chunk.header, {}, {}});
    return true;
  });
  if (failed) return *std::move(failed);
  if (!visited) return std::move(visited).error();
  // Empty days cost a round trip each: the further the gap reaches, the longer the steps over it.
  days_ = found ? 1 : std::min(days_ * 2, kMaxWindowDays);
  std::sort(window_.begin(), window_.end(), [this](const Chunk& a, const Chunk& b) {
    return ascending_ ? a.meta.min_time < b.meta.min_time : a.meta.max_time > b.meta.max_time;
  });
  return &window_;
}

}  // namespace penstock::query
