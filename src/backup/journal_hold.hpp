// Keeps the segments of a journal that a server goes on writing, though it removes them meanwhile: hard links beside them.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "penstock/core/result.hpp"
#include "penstock/ports/file_system.hpp"

namespace penstock::backup {

// begin, finish and the destructor belong to one thread. The disk room of removed segments is free only after the hold has gone.
class JournalHold {
 public:
  // Links every segment there is into `journal`/hold-for-backup; a thread of its own links those that come. conflict: another backup
  // holds this journal. What a killed backup left is taken away.
  static Result<std::unique_ptr<JournalHold>> begin(FileSystem& files, const std::string& journal);
  ~JournalHold();  // removes the links
  // Takes away what a killed backup held, unless one runs.
  static void clear(FileSystem& files, const std::string& journal);

  // A last look; then the names of all segments held, oldest first. io_error: the file system has no hard links.
  Result<std::vector<std::string>> finish();
  const std::string& folder() const { return folder_; }

 private:
  JournalHold(FileSystem& files, std::string journal);
  void look();
  void remove_links();

  FileSystem& files_;
  const std::string journal_, folder_;
  std::unique_ptr<File> lock_;
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::set<std::string> held_;
  std::optional<Error> trouble_;
  std::thread thread_;
};

}  // namespace penstock::backup
