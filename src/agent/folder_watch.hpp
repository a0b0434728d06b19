// Tells what happens in folders, where the kernel can (inotify), so that idle files cost nothing.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/descriptor.hpp"

namespace penstock::agent {

// One thread.
class FolderWatch {
 public:
  struct Event {
    std::string path;     // of what was written, made, moved or removed, spelled as its folder was given
    bool folder = false;  // it is a folder
  };

  // Without `wanted`, or where the kernel has no more to give, nothing can be watched.
  explicit FolderWatch(bool wanted);

  // A folder as FilePattern gives it. False: who wants to know must look himself: there is no such folder, no watch is left, or it lies on a file
  // system that others can write to without our kernel's knowing. May be called again and again.
  bool add(const std::string& folder);
  // What happened since the last call; false when something may have been missed, or a folder has gone.
  bool drain(const std::function<void(const Event&)>& take);

 private:
  Descriptor inotify_;
  std::unordered_map<int, std::vector<std::string>> folders_;  // by watch: the spellings
};

}  // namespace penstock::agent
