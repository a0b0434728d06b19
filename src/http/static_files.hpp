// The dashboard's files as a table made at start: no path from a URL reaches the disk. Each file is kept once plain
// and, where it pays, once gzipped; answers share these bytes.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "penstock/core/result.hpp"

namespace penstock::http {

// Immutable after load(); any thread.
class StaticFiles {
 public:
  // Reads all regular files below `directory` (symbolic links are not followed). io_error when it cannot be read;
  // too_large past `max_bytes` in all. Files under vendor/ may be cached for a day, others are revalidated by ETag.
  // A file name.gz beside name, not older, is taken as its packed form; without one, name is packed here.
  static Result<StaticFiles> load(const std::string& directory, std::size_t max_bytes = 32 * 1024 * 1024);

  // "/" is index.html. True for a path that respond() knows.
  bool has(std::string_view path) const;
  // 200, 304 on a matching If-None-Match, 404, 405 for other methods than GET. With the Content-Security-Policy of the
  // dashboard.
  Response respond(const RequestHead& head) const;
  std::size_t size() const { return files_.size(); }
  std::size_t bytes_kept() const;

 private:
  struct File {
    std::string content_type, etag;
    bool cacheable = false;
    std::shared_ptr<const std::string> plain;
    std::shared_ptr<const std::string> gzipped;  // null when it does not pay
  };
  const File* find(std::string_view path) const;
  std::map<std::string, File, std::less<>> files_;
};

}  // namespace penstock::http
