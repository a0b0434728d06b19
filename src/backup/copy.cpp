#include "backup/copy.hpp"

#include <algorithm>
#include <functional>
#include <span>
#include <string_view>

#include "base/hex.hpp"
#include "base/sha256.hpp"

namespace penstock::backup {
namespace {

constexpr std::size_t kBlock = 256u << 10;

using Take = std::function<Result<void>(std::uint64_t, std::string_view)>;

Result<Content> read_through(const File& file, std::uint64_t at_most, std::vector<journal::ByteRange>* unreadable, const Take& take) {
  Sha256 sum;
  Content content;
  std::string block(kBlock, '\0');
  for (;;) {
    block.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, at_most - content.bytes)));
    const auto into = std::as_writable_bytes(std::span(block));
    const auto got = unreadable == nullptr ? file.read_at(content.bytes, into)
                                           : journal::read_around(file, content.bytes, into, unreadable);
    if (!got) return got.error();
    if (*got == 0) break;
    const std::string_view bytes = std::string_view(block).substr(0, *got);
    sum.add(bytes);
    if (auto taken = take(content.bytes, bytes); !taken) return taken.error();
    content.bytes += *got;
  }
  content.sha256 = to_hex(sum.digest());
  return content;
}

}  // namespace

Result<Content> copy_file(FileSystem& files, const File& from, const std::string& to, std::uint64_t at_most,
                          std::vector<journal::ByteRange>* unreadable) {
  auto target = files.create(to);
  if (!target) return std::move(target).error();
  auto content = read_through(from, at_most, unreadable, [&](std::uint64_t at, std::string_view bytes) -> Result<void> {
    if (bytes.find_first_not_of('\0') == std::string_view::npos) return {};
    return (*target)->write_at(at, std::as_bytes(std::span(bytes)));
  });
  if (!content) return content;
  if (auto done = (*target)->truncate(content->bytes); !done) return done.error();
  if (auto done = (*target)->sync_data(); !done) return done.error();
  return content;
}

Result<Content> copy_file(FileSystem& files, const std::string& from, const std::string& to, std::uint64_t at_most) {
  const auto source = files.open_read(from);
  if (!source) return source.error();
  return copy_file(files, **source, to, at_most, nullptr);
}

Result<Content> content_of(FileSystem& files, const std::string& path) {
  auto file = files.open_read(path);
  if (!file) return std::move(file).error();
  return read_through(**file, UINT64_MAX, nullptr, [](std::uint64_t, std::string_view) { return Result<void>(); });
}

}  // namespace penstock::backup
