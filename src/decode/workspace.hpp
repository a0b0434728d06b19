// The memory that reading needs, kept from one body to the next.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "decode/arena.hpp"
#include "decode/names.hpp"
#include "decode/structural_index.hpp"
#include "penstock/core/record.hpp"

namespace penstock::decode {

// One thread.
struct Workspace {
  StructuralIndex index;
  Arena arena;                       // cleared for every record
  std::vector<FieldView> fields;     // of the record being read
  std::vector<LabelView> labels;
  std::vector<SampleView> samples;
  std::vector<std::uint32_t> order;  // scratch for finding equal names
  std::vector<char> stack;           // scratch of TokenCursor
  KeyMemory log_keys, point_keys;    // of the record before
  ValueMemory source, deployment;    // the same
  std::string path;                  // dotted name of the object being flattened
  std::string repaired;              // a record whose bytes needed mending

  // Gives back what a large body left behind.
  void trim(std::size_t kept_bytes);
};

// The calling thread's workspace, or a fresh one when a receiver decodes again from within a decode.
class WorkspaceLease {
 public:
  explicit WorkspaceLease(std::size_t kept_bytes);
  ~WorkspaceLease();
  WorkspaceLease(const WorkspaceLease&) = delete;
  WorkspaceLease& operator=(const WorkspaceLease&) = delete;
  Workspace& operator*() const { return *workspace_; }

 private:
  std::unique_ptr<Workspace> own_;
  Workspace* workspace_ = nullptr;
  std::size_t kept_bytes_ = 0;
};

}  // namespace penstock::decode
