#include "backup/manifest.hpp"

#include <charconv>
#include <span>

#include "base/sha256.hpp"

namespace penstock::backup {
namespace {

constexpr std::string_view kFirstLine = "penstock-backup ";
constexpr std::string_view kVersion = "1";
constexpr std::string_view kLastLine = "sha256 ";
constexpr std::uint64_t kMostBytes = 64u << 20;

Error corrupt(const std::string& what) { return {ErrorCode::corrupt, what + ": use another backup.", ""}; }

std::string_view take(std::string_view& text, char end) {
  const auto at = text.find(end);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return taken;
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc() && end == text.data() + text.size();
}

// A path that leads nowhere else.
bool is_below(std::string_view path) {
  return !path.empty() && path[0] != '/' && ("/" + std::string(path) + "/").find("/../") == std::string::npos;
}

bool read_line(std::string_view name, std::string_view value, Manifest& manifest) {
  if (name == "made_at") {
    const auto time = parse_timestamp(value);
    if (time) manifest.made_at = *time;
    return time.has_value();
  }
  if (name == "version") {
    manifest.version = value;
    return true;
  }
  if (name == "journal") return read_number(value, manifest.journal.value);
  if (name == "end") return read_number(value, manifest.end);
  if (name == "left-out") {
    manifest.left_out.emplace_back(value);
    return is_below(value);
  }
  if (name == "unreadable") {
    Manifest::Unreadable place;
    if (!read_number(take(value, ' '), place.range.offset) || !read_number(take(value, ' '), place.range.bytes)) return false;
    place.path = value;
    manifest.unreadable.push_back(std::move(place));
    return is_below(value);
  }
  if (name == "lost") {
    Manifest::Lost lost;
    if (!read_number(take(value, ' '), lost.from) || !read_number(take(value, ' '), lost.to)) return false;
    lost.path = value;
    manifest.lost.push_back(std::move(lost));
    return is_below(value);
  }
  if (name != "file") return true;  // of a later program, which did not raise the version for it
  Manifest::Entry entry;
  entry.content.sha256 = take(value, ' ');
  if (!read_number(take(value, ' '), entry.content.bytes) || !is_below(value)) return false;
  entry.path = value;
  manifest.files.push_back(std::move(entry));
  return true;
}

}  // namespace

std::string to_text(const Manifest& manifest) {
  std::string text = std::string(kFirstLine) + std::string(kVersion) + "\nmade_at " + format_rfc3339(manifest.made_at) +
                     "\nversion " + manifest.version + "\njournal " + std::to_string(manifest.journal.value) + "\nend " +
                     std::to_string(manifest.end) + '\n';
  for (const Manifest::Entry& file : manifest.files) {
    text += "file " + file.content.sha256 + ' ' + std::to_string(file.content.bytes) + ' ' + file.path + '\n';
  }
  for (const std::string& path : manifest.left_out) text += "left-out " + path + '\n';
  for (const auto& [path, range] : manifest.unreadable) {
    text += "unreadable " + std::to_string(range.offset) + ' ' + std::to_string(range.bytes) + ' ' + path + '\n';
  }
  for (const auto& [path, from, to] : manifest.lost) {
    text += "lost " + std::to_string(from) + ' ' + std::to_string(to) + ' ' + path + '\n';
  }
  return text + std::string(kLastLine) + sha256_hex(text) + '\n';
}

std::vector<std::string> shortcomings(const Manifest& manifest) {
  std::vector<std::string> all;
  for (const std::string& path : manifest.left_out) all.push_back(path + ": could not be opened, and is left out");
  for (const auto& [path, range] : manifest.unreadable) {
    all.push_back(path + ": bytes " + std::to_string(range.offset) + " to " + std::to_string(range.offset + range.bytes - 1) +
                  " could not be read, and are zeros");
  }
  for (const auto& [path, from, to] : manifest.lost) {
    all.push_back(path + ": " + std::to_string(to - from) + (to - from == 1 ? " record" : " records") + " lost, from " +
                  std::to_string(from) + " to " + std::to_string(to - 1));
  }
  return all;
}

Result<Manifest> parse_manifest(std::string_view text) {
  if (!text.starts_with(kFirstLine)) return corrupt("This is no manifest of a backup");
  std::string_view rest = text.substr(kFirstLine.size());
  if (take(rest, '\n') != kVersion) {
    return Error{ErrorCode::unsupported_version, "This backup was made by a later Penstock: restore it with that one.", ""};
  }
  const auto last = text.rfind(kLastLine);
  if (last == std::string_view::npos || text[last - 1] != '\n' ||
      text.substr(last) != std::string(kLastLine) + sha256_hex(text.substr(0, last)) + '\n') {
    return corrupt("The manifest of the backup is damaged");
  }
  Manifest manifest;
  rest = rest.substr(0, rest.size() - (text.size() - last));
  while (!rest.empty()) {
    std::string_view line = take(rest, '\n');
    const std::string_view name = take(line, ' ');
    if (!read_line(name, line, manifest)) return corrupt("The manifest of the backup has a line that cannot be read");
  }
  return manifest;
}

Result<Manifest> verify_backup(FileSystem& files, const std::string& folder) {
  const std::string path = folder + "/" + kManifestFile;
  if (!files.exists(path)) {
    return Error{ErrorCode::not_found, folder + " is no backup: it has no " + kManifestFile + ".", "from"};
  }
  auto file = files.open_read(path);
  if (!file) return std::move(file).error();
  const auto size = (*file)->size();
  if (!size) return size.error();
  if (*size > kMostBytes) return corrupt("The manifest of the backup is damaged");
  std::string text(static_cast<std::size_t>(*size), '\0');
  const auto got = (*file)->read_at(0, std::as_writable_bytes(std::span(text)));
  if (!got) return got.error();
  auto manifest = parse_manifest(text);
  if (!manifest) return manifest;
  for (const Manifest::Entry& entry : manifest->files) {
    const std::string place = folder + "/" + entry.path;
    if (!files.exists(place)) return corrupt(place + " is missing");
    const auto content = content_of(files, place);
    if (!content) return content.error();
    if (*content != entry.content) return corrupt(place + " is not as it was written");
  }
  return manifest;
}

}  // namespace penstock::backup
