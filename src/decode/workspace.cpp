#include "decode/workspace.hpp"

namespace penstock::decode {
namespace {

struct ThreadWorkspace {
  Workspace workspace;
  bool taken = false;
};

ThreadWorkspace& of_this_thread() {
  thread_local ThreadWorkspace kept;
  return kept;
}

}  // namespace

void Workspace::trim(std::size_t kept_bytes) {
  const std::size_t share = kept_bytes / 8;
  if (index.kept_bytes() > kept_bytes / 2) index.release();
  if (arena.kept_bytes() > share) arena.release();
  if (fields.capacity() * sizeof(FieldView) > share) std::vector<FieldView>().swap(fields);
  if (labels.capacity() * sizeof(LabelView) > share) std::vector<LabelView>().swap(labels);
  if (samples.capacity() * sizeof(SampleView) > share) std::vector<SampleView>().swap(samples);
  if (order.capacity() * sizeof(std::uint32_t) > share) std::vector<std::uint32_t>().swap(order);
  if (stack.capacity() > share) std::vector<char>().swap(stack);
  if (path.capacity() > share) std::string().swap(path);
  if (repaired.capacity() > share) std::string().swap(repaired);
}

WorkspaceLease::WorkspaceLease(std::size_t kept_bytes) : kept_bytes_(kept_bytes) {
  ThreadWorkspace& thread = of_this_thread();
  if (thread.taken) {
    own_ = std::make_unique<Workspace>();
    workspace_ = own_.get();
  } else {
    thread.taken = true;
    workspace_ = &thread.workspace;
  }
}

WorkspaceLease::~WorkspaceLease() {
  if (own_) return;
  workspace_->trim(kept_bytes_);
  of_this_thread().taken = false;
}

}  // namespace penstock::decode
