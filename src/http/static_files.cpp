#include "http/static_files.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "http/compress.hpp"

namespace penstock::http {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

std::string_view content_type_of(std::string_view path) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 15> types{{
      {".html", "text/html; charset=utf-8"}, {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"}, {".css", "text/css; charset=utf-8"},
      {".json", "application/json"}, {".map", "application/json"}, {".svg", "image/svg+xml"}, {".png", "image/png"},
      {".ico", "image/x-icon"}, {".jpg", "image/jpeg"}, {".webp", "image/webp"}, {".woff2", "font/woff2"},
      {".txt", "text/plain; charset=utf-8"}, {".md", "text/plain; charset=utf-8"},
      {".webmanifest", "application/manifest+json"}}};
  for (const auto& [ending, type] : types) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

// FNV-1a, 64 bits: tells one version of a file from the next.
std::string weak_etag(std::string_view bytes) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  std::ostringstream text;
  text << "W/\"" << std::hex << hash << '-' << bytes.size() << '"';
  return text.str();
}

Result<std::string> read_whole(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  if (!file || !bytes) return Error{ErrorCode::io_error, "Cannot read " + path.string() + ".", ""};
  return std::move(bytes).str();
}

// Packing a megabyte takes a slow core about a second, so a build may leave name.gz beside name.
bool is_packed_sibling(const fs::path& path) {
  std::error_code ignored;
  return path.extension() == ".gz" && fs::is_regular_file(fs::path(path).replace_extension(), ignored);
}

std::string packed_form(const fs::path& path, std::string_view text) {
  std::error_code failed;
  const fs::path sibling(path.string() + ".gz");
  const auto made = fs::last_write_time(sibling, failed);
  if (!failed && made >= fs::last_write_time(path, failed) && !failed) {
    Result<std::string> packed = read_whole(sibling);
    if (packed) return std::move(*packed);
  }
  return gzip(text, 6);
}

Error unreadable(const std::string& directory, const std::error_code& failed) {
  return {ErrorCode::io_error, "Cannot read the folder " + directory + ": " + failed.message() + ".", ""};
}

// Weak comparison (RFC 9110, 13.1.2): the opaque parts decide.
bool etag_matches(std::string_view if_none_match, std::string_view etag) {
  etag.remove_prefix(2);
  return if_none_match == "*" || if_none_match.find(etag) != std::string_view::npos;
}

}  // namespace

Result<StaticFiles> StaticFiles::load(const std::string& directory, std::size_t max_bytes) {
  StaticFiles table;
  std::error_code failed;
  const fs::path root(directory);
  std::size_t bytes = 0;
  fs::recursive_directory_iterator entry(root, failed);
  if (failed) return unreadable(directory, failed);
  for (; entry != fs::recursive_directory_iterator(); entry.increment(failed)) {
    if (failed) return unreadable(directory, failed);
    if (entry->is_symlink() || !entry->is_regular_file()) continue;
    const std::string path = "/" + entry->path().lexically_relative(root).generic_string();
    if (path.find("/.") != std::string::npos || is_packed_sibling(entry->path())) continue;
    Result<std::string> text = read_whole(entry->path());
    if (!text) return text.error();
    bytes += text->size();
    if (bytes > max_bytes) {
      return Error{ErrorCode::too_large, "The files in " + directory + " are larger than " +
          std::to_string(max_bytes) + " bytes.", ""};
    }
    File file;
    file.content_type = content_type_of(path);
    file.etag = weak_etag(*text);
    file.cacheable = path.starts_with("/vendor/");
    if (is_packable(file.content_type) && text->size() > 256) {
      std::string packed = packed_form(entry->path(), *text);
      if (packed.size() < text->size()) file.gzipped = std::make_shared<const std::string>(std::move(packed));
    }
    file.plain = std::make_shared<const std::string>(std::move(*text));
    table.files_.emplace(path, std::move(file));
  }
  return table;
}

const StaticFiles::File* StaticFiles::find(std::string_view path) const {
  const auto found = files_.find(path == "/" ? std::string_view("/index.html") : path);
  return found == files_.end() ? nullptr : &found->second;
}

bool StaticFiles::has(std::string_view path) const { return find(path) != nullptr; }

std::size_t StaticFiles::bytes_kept() const {
  std::size_t bytes = 0;
  for (const auto& [path, file] : files_) bytes += file.plain->size() + (file.gzipped ? file.gzipped->size() : 0);
  return bytes;
}

Response StaticFiles::respond(const RequestHead& head) const {
  const File* file = find(head.path);
  if (file == nullptr) return error_response(404, {ErrorCode::not_found, "There is nothing here.", ""});
  if (head.method != "GET") {
    Response refused = error_response(405, {ErrorCode::method_not_allowed, "Files can only be read: use GET.", ""});
    refused.headers.emplace_back("Allow", "GET, HEAD");
    return refused;
  }
  Response response;
  response.headers.emplace_back("ETag", file->etag);
  response.headers.emplace_back("Cache-Control", file->cacheable ? "public, max-age=86400" : "no-cache");
  response.headers.emplace_back("Content-Security-Policy", kContentSecurityPolicy);
  if (file->gzipped) response.headers.emplace_back("Vary", "Accept-Encoding");
  if (etag_matches(head.header("If-None-Match"), file->etag)) {
    response.status = 304;
    return response;
  }
  response.content_type = file->content_type;
  const bool packed = file->gzipped && accepts_gzip(head.header("Accept-Encoding"));
  if (packed) response.headers.emplace_back("Content-Encoding", "gzip");
  response.shared_body = packed ? file->gzipped : file->plain;
  return response;
}

}  // namespace penstock::http
