// Files in a folder of their own, and who follows them.
#pragma once

#include <gmock/gmock.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "agent/tail_set.hpp"
#include "temporary_folder.hpp"

namespace penstock::test {

using agent::TailOptions;
using agent::TailPlace;
using agent::TailSet;
using testing::ElementsAre;
using testing::IsEmpty;

class Tails : public testing::Test {
 protected:
  TailSet tails(std::vector<TailPlace> known = {}, bool from_start = true) {
    TailOptions options;
    options.globs = {folder.path("*.log")};
    options.from_start = from_start;
    options.limits = limits;
    return {options, std::move(known)};
  }
  // What an agent leaves that has read what there is.
  std::string places_after_reading() {
    TailSet set = tails();
    read(set);
    return agent::format_places(set.places());
  }
  std::vector<std::string> read(TailSet& set) {
    std::vector<std::string> lines;
    set.look(now);
    for (int round = 0; round < 100; ++round) {
      if (!set.read(now, [&](const std::string&, const std::vector<agent::LogLine>& found) {
            for (const agent::LogLine& line : found) lines.push_back(line.text);
            return true;
          })) {
        return lines;
      }
    }
    ADD_FAILURE() << "does not come to an end";
    return lines;
  }
  void pass(std::chrono::seconds time) { now += time; }
  void rename(const std::string& from, const std::string& to) { std::filesystem::rename(folder.path(from), folder.path(to)); }

  TemporaryFolder folder;
  agent::TailedFile::Limits limits{.line_bytes = 16, .partial_line = std::chrono::seconds(5)};
  std::chrono::steady_clock::time_point now{std::chrono::seconds(1'000)};
};

}  // namespace penstock::test
