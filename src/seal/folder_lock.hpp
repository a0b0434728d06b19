// One at a time makes or changes the keys of a data folder.
#pragma once

#include <string>

namespace penstock::seal {

// A lock on the folder itself, waited for, and let go at the end. A folder that is not there, or cannot be locked, is not.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace penstock::seal
