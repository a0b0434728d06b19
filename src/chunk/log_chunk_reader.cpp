#include "chunk/log_chunk_reader.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "chunk/corrupt.hpp"
#include "chunk/log_chunk_state.hpp"
#include "chunk/log_group_state.hpp"

namespace penstock::chunk {
namespace {

Result<TokenFilter> open_filter_with(const Chunk& chunk, BlockSeal& seal) {
  // A store that gives no filter means: look inside.
  if (chunk.filter.empty()) return TokenFilter();
  auto bytes = seal.open(Part::filter, 0, chunk.filter);
  if (!bytes) return std::move(bytes).error();
  return TokenFilter::parse(*std::move(bytes), chunk.header.starts_with(kLogMagic1) ? FilterRules::ascii : FilterRules::words);
}

Result<BlockSeal> seal_of(const Chunk& chunk, Sealer& sealer) {
  auto nonce = header_nonce(kLogMagic, chunk.header, kLogMagic1);
  if (!nonce) return std::move(nonce).error();
  return BlockSeal(ChunkIdentity::of(chunk.meta, *nonce), sealer, chunk.meta.key_id);
}

// What the header says must agree with what the store says.
Result<void> check(const LogHeader& header, const ChunkMeta& meta) {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  for (const LogGroupEntry& group : header.groups) {
    rows += group.info.rows;
    bytes += group.info.payload_bytes;
  }
  if (rows != meta.record_count || bytes != meta.payload_bytes) return corrupt("a header that is not of this payload");
  return {};
}

}  // namespace

LogChunkReader::LogChunkReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
LogChunkReader::~LogChunkReader() = default;

Result<std::unique_ptr<LogChunkReader>> LogChunkReader::open(const Chunk& chunk, PayloadReader payload, Sealer& sealer) {
  auto seal = seal_of(chunk, sealer);
  if (!seal) return std::move(seal).error();
  auto packed = open_header(chunk.header, *seal);
  if (!packed) return std::move(packed).error();
  Decompressor decompressor;
  auto body = decompressor.unpack(*packed);
  if (!body) return std::move(body).error();
  auto header = LogHeader::decode(*body);
  if (!header) return std::move(header).error();
  if (auto agrees = check(*header, chunk.meta); !agrees) return std::move(agrees).error();
  auto filter = open_filter_with(chunk, *seal);
  // What it should spare us is not needed to read the chunk: a damaged one is as good as none.
  if (!filter && filter.error().code == ErrorCode::corrupt) filter = TokenFilter();
  if (!filter) return std::move(filter).error();

  auto state = std::make_unique<State>(State{
      .meta = chunk.meta,
      .header = *std::move(header),
      .filter = *std::move(filter),
      .seal = *std::move(seal),
      .payload = PayloadSource(std::move(payload), chunk.meta.payload_bytes),
      .decompressor = std::move(decompressor),
      .by_name = {},
  });
  for (std::uint32_t column = 0; column < state->header.columns.size(); ++column) {
    state->by_name[state->header.columns[column].name].push_back(column);
  }
  return std::unique_ptr<LogChunkReader>(new LogChunkReader(std::move(state)));
}

const ChunkMeta& LogChunkReader::meta() const { return state_->meta; }
std::size_t LogChunkReader::group_count() const { return state_->header.groups.size(); }
const GroupInfo& LogChunkReader::group(std::size_t i) const { return state_->header.groups[i].info; }
const std::vector<FieldColumn>& LogChunkReader::columns() const { return state_->header.columns; }
const TokenFilter& LogChunkReader::filter() const { return state_->filter; }
bool LogChunkReader::has_column(std::string_view name) const { return state_->by_name.find(name) != state_->by_name.end(); }
std::uint64_t LogChunkReader::bytes_read() const { return state_->payload.bytes_read(); }

bool LogChunkReader::may_have_field(std::string_view name, std::string_view value) const {
  if (name != "source") {
    const auto columns = state_->by_name.find(name);
    if (columns == state_->by_name.end()) return false;
    const auto is_json = [this](std::uint32_t column) { return state_->header.columns[column].type == FieldType::json; };
    if (!state_->filter.knows_elements() && std::any_of(columns->second.begin(), columns->second.end(), is_json)) return true;
  }
  return state_->filter.may_contain_field(name, value);
}

Result<LogGroup> LogChunkReader::read(std::size_t group, const ColumnSelection& columns) {
  assert(group < group_count());
  LogGroup out(std::make_unique<LogGroup::State>(*state_, group));
  if (auto loaded = out.load(columns); !loaded) return std::move(loaded).error();
  return out;
}

Result<TokenFilter> open_filter(const Chunk& chunk, Sealer& sealer) {
  auto seal = seal_of(chunk, sealer);
  if (!seal) return std::move(seal).error();
  return open_filter_with(chunk, *seal);
}

}  // namespace penstock::chunk
