#include "agent/file_pattern.hpp"

#include <dirent.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>

namespace penstock::agent {
namespace {

constexpr int kDeepest = 64;
constexpr std::string_view kAnyFolders = "**";

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end > 0) parts.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return parts;
}

bool has_wildcard(const std::string& part) { return part.find_first_of("*?[\\") != std::string::npos; }

bool fits_part(const std::string& part, const std::string& name) { return ::fnmatch(part.c_str(), name.c_str(), FNM_PERIOD) == 0; }

struct DirectoryEntry {
  std::string name;
  bool link = false, folder = false;  // folder: it is one itself, not a link to one
};

std::vector<DirectoryEntry> entries_of(const std::string& folder) {
  std::vector<DirectoryEntry> entries;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(folder.empty() ? "." : folder.c_str()), &::closedir);
  if (!directory) return entries;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    unsigned char type = entry->d_type;
    if (type == DT_UNKNOWN) {
      struct stat status {};
      if (::lstat((folder + entry->d_name).c_str(), &status) != 0) continue;
      type = S_ISLNK(status.st_mode) ? DT_LNK : S_ISDIR(status.st_mode) ? DT_DIR : DT_REG;
    }
    entries.push_back({std::string(name), type == DT_LNK, type == DT_DIR});
  }
  return entries;
}

}  // namespace

std::vector<std::string> names_of_folder(const std::string& folder) {
  std::vector<std::string> names;
  for (DirectoryEntry& entry : entries_of(folder)) names.push_back(std::move(entry.name));
  std::sort(names.begin(), names.end());
  return names;
}

FilePattern::FilePattern(std::string_view pattern) : text_(pattern), root_(pattern.starts_with('/') ? "/" : ""), parts_(split_path(pattern)) {
  if (!parts_.empty() && parts_.back() == kAnyFolders) parts_.emplace_back("*");
}

void FilePattern::find(std::vector<Found>& found, const FolderVisitor& visit) const {
  if (!parts_.empty()) walk(root_, 0, 0, found, visit);
}

void FilePattern::walk(const std::string& folder, std::size_t part, int depth, std::vector<Found>& found, const FolderVisitor& visit) const {
  const std::string& wanted = parts_[part];
  const bool last = part + 1 == parts_.size();
  if (!has_wildcard(wanted)) {
    if (!last) return walk(folder + wanted + "/", part + 1, depth, found, visit);
    visit(folder);
    struct stat status {};
    if (::lstat((folder + wanted).c_str(), &status) == 0) found.push_back({folder + wanted, S_ISLNK(status.st_mode)});
    return;
  }
  visit(folder);
  const bool any_folders = wanted == kAnyFolders;
  if (any_folders) walk(folder, part + 1, depth, found, visit);  // no folder at all
  for (const DirectoryEntry& entry : entries_of(folder)) {
    if (any_folders) {
      if (entry.folder && !entry.name.starts_with('.') && depth < kDeepest) walk(folder + entry.name + "/", part, depth + 1, found, visit);
    } else if (fits_part(wanted, entry.name)) {
      if (last) {
        found.push_back({folder + entry.name, entry.link});
      } else if (entry.folder || entry.link) {
        walk(folder + entry.name + "/", part + 1, depth, found, visit);
      }
    }
  }
}

bool FilePattern::matches(std::string_view path) const {
  if (path.starts_with('/') != !root_.empty()) return false;
  return matches_from(split_path(path), 0, 0);
}

bool FilePattern::matches_from(const std::vector<std::string>& names, std::size_t name, std::size_t part) const {
  if (part == parts_.size()) return name == names.size();
  if (parts_[part] == kAnyFolders) {
    for (std::size_t next = name; next < names.size(); ++next) {
      if (matches_from(names, next, part + 1)) return true;
      if (names[next].starts_with('.')) return false;
    }
    return false;
  }
  return name < names.size() && fits_part(parts_[part], names[name]) && matches_from(names, name + 1, part + 1);
}

}  // namespace penstock::agent
