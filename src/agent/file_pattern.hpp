// Patterns of file names: *, ? and [...] within a part of a path, ** for any number of folders.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::agent {

// As glob(3) and the shells have it: hidden names are matched only by a pattern part that begins with a dot; ** does not follow links to folders.
class FilePattern {
 public:
  struct Found {
    std::string path;
    bool link = false;  // the path itself is a symbolic link
  };
  // Called with every folder whose entries decide what is found, before it is read: "" is the working folder, others end with a slash.
  using FolderVisitor = std::function<void(const std::string& folder)>;

  explicit FilePattern(std::string_view pattern);

  // What is there now, of any type, appended in no order. One folder is open at a time.
  void find(std::vector<Found>& found, const FolderVisitor& visit) const;
  // Whether find() would give a path of this spelling if it were there.
  bool matches(std::string_view path) const;
  const std::string& text() const { return text_; }

 private:
  void walk(const std::string& folder, std::size_t part, int depth, std::vector<Found>& found, const FolderVisitor& visit) const;
  bool matches_from(const std::vector<std::string>& names, std::size_t name, std::size_t part) const;

  std::string text_;
  std::string root_;                // "" or "/"
  std::vector<std::string> parts_;  // never empty ones
};

// What a folder holds, sorted; nothing when it cannot be read.
std::vector<std::string> names_of_folder(const std::string& folder);

}  // namespace penstock::agent
