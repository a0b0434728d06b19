#include "support/sim_file_system.hpp"

#include <algorithm>
#include <cstring>

namespace penstock::test {
namespace {

constexpr std::size_t kSector = 512;

std::string directory_of(const std::string& path) { return path.substr(0, path.rfind('/')); }
std::unique_ptr<Error> io_error(const std::string& what) { return std::make_unique<Error>(Error{ErrorCode::io_error, what, ""}); }
Result<void> answer(std::unique_ptr<Error> error) { return error ? Result<void>(std::move(*error)) : Result<void>(); }

}  // namespace

struct SimFileSystem::Inode {
  std::string data;             // as processes see it
  std::string durable;          // as the disk has it
  std::set<std::size_t> dirty;  // sectors written since the last sync
  std::set<std::size_t> doomed; // sectors whose sync failed: clean for the kernel, not on the disk
  std::set<std::size_t> spoilt; // sectors that cannot be read
  bool resized = false;
  bool sync_failed = false;

  void touch(std::size_t from, std::size_t to) {
    for (std::size_t s = from / kSector; s * kSector < to; ++s) dirty.insert(s);
  }
  void keep(std::size_t sector) {
    const std::size_t at = sector * kSector;
    if (at >= data.size()) return;
    const std::size_t size = std::min(kSector, data.size() - at);
    if (durable.size() < at + size) durable.resize(at + size, '\0');
    std::memcpy(durable.data() + at, data.data() + at, size);
  }
  void sync() {
    if (resized) durable.resize(data.size(), '\0');
    for (const std::size_t s : dirty) {
      if (!doomed.contains(s)) keep(s);
    }
    dirty.clear();
    resized = false;
  }
};

struct SimFileSystem::Change {
  std::string gone;   // name that no longer exists, or empty
  std::string added;  // name that now means `inode`, or empty
  InodePtr inode;
};

class SimFileSystem::Handle final : public File {
 public:
  Handle(SimFileSystem& fs, std::string path, InodePtr inode, bool locks)
      : fs_(fs), path_(std::move(path)), inode_(std::move(inode)), life_(fs.life_), locks_(locks) {}
  ~Handle() override {
    std::lock_guard lock(fs_.mutex_);
    if (locks_ && life_ == fs_.life_) fs_.locks_.erase(path_);
  }

  Result<void> write_at(std::uint64_t offset, std::span<const std::byte> bytes) override {
    std::lock_guard lock(fs_.mutex_);
    if (dead()) return *io_error("This file was open before the power went.");
    if (inode_->sync_failed) fs_.violations_.push_back("write after a failed sync: " + path_);
    FileFailure failure{};
    auto error = fs_.before_change(FileOp::write, &failure);
    const bool half = error && (fs_.off_ || failure == FileFailure::short_write);
    if (error && !half) return std::move(*error);
    if (half) bytes = bytes.first(fs_.off_ ? bytes.size() : bytes.size() / 2);
    const std::size_t end = static_cast<std::size_t>(offset) + bytes.size();
    if (end > inode_->data.size()) {
      if (fs_.used() + end - inode_->data.size() > fs_.capacity_) return Error{ErrorCode::storage_full, "No space left.", ""};
      inode_->data.resize(end, '\0');
      inode_->resized = true;
    }
    if (!bytes.empty()) std::memcpy(inode_->data.data() + offset, bytes.data(), bytes.size());
    inode_->touch(static_cast<std::size_t>(offset), end);
    return answer(std::move(error));
  }

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> bytes) const override {
    std::lock_guard lock(fs_.mutex_);
    if (dead()) return *io_error("This file was open before the power went.");
    if (auto error = fs_.before(FileOp::read)) return std::move(*error);
    if (offset >= inode_->data.size()) return std::size_t{0};
    const std::size_t size = std::min(bytes.size(), inode_->data.size() - static_cast<std::size_t>(offset));
    const auto spoilt = inode_->spoilt.lower_bound(static_cast<std::size_t>(offset) / kSector);
    if (spoilt != inode_->spoilt.end() && *spoilt * kSector < offset + size) return *io_error("A sector cannot be read.");
    if (size != 0) std::memcpy(bytes.data(), inode_->data.data() + offset, size);
    return size;
  }

  Result<void> sync_data() override {
    std::lock_guard lock(fs_.mutex_);
    if (dead()) return *io_error("This file was open before the power went.");
    if (inode_->sync_failed) fs_.violations_.push_back("sync after a failed sync: " + path_);
    if (auto error = fs_.before_change(FileOp::sync)) {
      if (fs_.off_) return std::move(*error);  // it did not fail, it was never done
      inode_->sync_failed = true;
      inode_->doomed.insert(inode_->dirty.begin(), inode_->dirty.end());
      return std::move(*error);
    }
    if (!fs_.skip_syncs_) inode_->sync();
    return {};
  }

  Result<void> allocate(std::uint64_t size) override {
    std::lock_guard lock(fs_.mutex_);
    if (dead()) return *io_error("This file was open before the power went.");
    if (auto error = fs_.before_change(FileOp::allocate)) return std::move(*error);
    if (size <= inode_->data.size()) return {};
    if (fs_.used() + size - inode_->data.size() > fs_.capacity_) return Error{ErrorCode::storage_full, "No space left.", ""};
    inode_->data.resize(static_cast<std::size_t>(size), '\0');
    inode_->resized = true;
    return {};
  }

  Result<void> truncate(std::uint64_t size) override {
    std::lock_guard lock(fs_.mutex_);
    if (dead()) return *io_error("This file was open before the power went.");
    if (auto error = fs_.before_change(FileOp::truncate)) return std::move(*error);
    inode_->data.resize(static_cast<std::size_t>(size), '\0');
    inode_->resized = true;
    return {};
  }

  Result<std::uint64_t> size() const override {
    std::lock_guard lock(fs_.mutex_);
    if (dead()) return *io_error("This file was open before the power went.");
    return std::uint64_t{inode_->data.size()};
  }

 private:
  bool dead() const { return life_ != fs_.life_; }

  SimFileSystem& fs_;
  const std::string path_;
  const InodePtr inode_;
  const std::uint64_t life_;
  const bool locks_;
};

SimFileSystem::SimFileSystem(std::uint64_t capacity) : capacity_(capacity) {}
SimFileSystem::~SimFileSystem() = default;

std::unique_ptr<Error> SimFileSystem::before(FileOp op, FileFailure* failure) const {
  const auto index = static_cast<std::size_t>(op);
  ++calls_[index];
  if (off_) return io_error("The power is off.");
  Fault& fault = faults_[index];
  if (fault.at == 0 || (fault.for_good ? calls_[index] < fault.at : calls_[index] != fault.at)) return nullptr;
  fired_ = true;
  if (failure != nullptr) *failure = fault.failure;
  if (fault.failure == FileFailure::no_space) return std::make_unique<Error>(Error{ErrorCode::storage_full, "No space left.", ""});
  return io_error("This call was chosen to fail.");
}

std::unique_ptr<Error> SimFileSystem::before_change(FileOp op, FileFailure* failure) const {
  ++changes_;
  if (power_cut_at_ != 0 && changes_ >= power_cut_at_ && !off_) {
    off_ = fired_ = true;
    ++calls_[static_cast<std::size_t>(op)];
    return io_error("The power went.");
  }
  return before(op, failure);
}

void SimFileSystem::fail(FileOp op, std::uint64_t nth, FileFailure failure, bool for_good) {
  std::lock_guard lock(mutex_);
  faults_[static_cast<std::size_t>(op)] = {calls_[static_cast<std::size_t>(op)] + nth, failure, for_good};
  fired_ = false;
}

void SimFileSystem::heal() {
  std::lock_guard lock(mutex_);
  faults_ = {};
  power_cut_at_ = 0;
}

bool SimFileSystem::fired() const {
  std::lock_guard lock(mutex_);
  return fired_;
}

void SimFileSystem::cut_power_at(std::uint64_t nth) {
  std::lock_guard lock(mutex_);
  power_cut_at_ = changes_ + nth;
  fired_ = false;
}

bool SimFileSystem::power_is_off() const {
  std::lock_guard lock(mutex_);
  return off_;
}

void SimFileSystem::crash_inode(Inode& inode, std::mt19937_64& random) {
  const unsigned mood = static_cast<unsigned>(random() % 4);  // all, nothing, or sector by sector
  const auto survives = [&] { return mood == 0 || (mood != 1 && random() % 2 == 0); };
  if (inode.resized && survives()) inode.durable.resize(inode.data.size(), '\0');
  std::set<std::size_t> open = inode.dirty;
  open.insert(inode.doomed.begin(), inode.doomed.end());
  for (const std::size_t sector : open) {
    if (survives()) inode.keep(sector);
  }
}

void SimFileSystem::crash(std::uint64_t seed) {
  std::lock_guard lock(mutex_);
  std::mt19937_64 random(seed);
  std::set<Inode*> seen;
  for (const auto* names : {&names_, &durable_names_}) {
    for (const auto& [name, inode] : *names) {
      if (seen.insert(inode.get()).second) crash_inode(*inode, random);
    }
  }
  const bool all = random() % 3 == 0;
  for (const Change& change : pending_) {
    if (!all && random() % 2 == 0) continue;
    if (!change.gone.empty()) durable_names_.erase(change.gone);
    if (!change.added.empty()) durable_names_[change.added] = change.inode;
  }
  pending_.clear();
  for (auto& [name, inode] : durable_names_) {
    auto fresh = std::make_shared<Inode>();
    fresh->data = fresh->durable = inode->durable;
    inode = fresh;
  }
  names_ = durable_names_;
  locks_.clear();
  ++life_;
  faults_ = {};
  power_cut_at_ = 0;
  off_ = false;
}

void SimFileSystem::end_process() {
  std::lock_guard lock(mutex_);
  locks_.clear();
  ++life_;
  for (const auto& [name, inode] : names_) inode->sync_failed = false;  // nobody remembers
  faults_ = {};
  power_cut_at_ = 0;
  off_ = false;
}

void SimFileSystem::skip_syncs(bool skip) {
  std::lock_guard lock(mutex_);
  skip_syncs_ = skip;
}

std::uint64_t SimFileSystem::changes() const {
  std::lock_guard lock(mutex_);
  return changes_;
}

std::uint64_t SimFileSystem::calls(FileOp op) const {
  std::lock_guard lock(mutex_);
  return calls_[static_cast<std::size_t>(op)];
}

std::vector<std::string> SimFileSystem::violations() const {
  std::lock_guard lock(mutex_);
  return violations_;
}

std::string SimFileSystem::content(const std::string& path) const {
  std::lock_guard lock(mutex_);
  const auto found = names_.find(path);
  return found == names_.end() ? std::string() : found->second->data;
}

void SimFileSystem::put_content(const std::string& path, std::string bytes) {
  std::lock_guard lock(mutex_);
  auto& inode = names_[path];
  if (!inode) inode = std::make_shared<Inode>();
  durable_names_[path] = inode;
  inode->data = inode->durable = std::move(bytes);
  inode->dirty.clear();
}

void SimFileSystem::erase(const std::string& path) {
  std::lock_guard lock(mutex_);
  names_.erase(path);
  durable_names_.erase(path);
}

void SimFileSystem::spoil_sector(const std::string& path, std::uint64_t sector) {
  std::lock_guard lock(mutex_);
  names_.at(path)->spoilt.insert(static_cast<std::size_t>(sector));
}

void SimFileSystem::set_capacity(std::uint64_t bytes) {
  std::lock_guard lock(mutex_);
  capacity_ = bytes;
}

std::uint64_t SimFileSystem::used() const {
  std::uint64_t sum = 0;
  for (const auto& [name, inode] : names_) sum += inode->data.size();
  return sum;
}

std::unique_ptr<File> SimFileSystem::handle(const std::string& path, const InodePtr& inode, bool locks) {
  return std::make_unique<Handle>(*this, path, inode, locks);
}

Result<std::unique_ptr<File>> SimFileSystem::create(const std::string& path) {
  std::lock_guard lock(mutex_);
  if (auto error = before_change(FileOp::create)) return std::move(*error);
  if (names_.contains(path)) return *io_error(path + " exists.");
  auto inode = std::make_shared<Inode>();
  names_[path] = inode;
  pending_.push_back({"", path, inode});
  return handle(path, inode);
}

Result<std::unique_ptr<File>> SimFileSystem::open(const std::string& path) {
  std::lock_guard lock(mutex_);
  if (auto error = before(FileOp::open)) return std::move(*error);
  const auto found = names_.find(path);
  if (found == names_.end()) return *io_error(path + " is absent.");
  return handle(path, found->second);
}

Result<std::unique_ptr<File>> SimFileSystem::open_read(const std::string& path) { return open(path); }

Result<std::unique_ptr<File>> SimFileSystem::lock(const std::string& path) {
  std::lock_guard lock(mutex_);
  if (off_) return *io_error("The power is off.");
  if (!locks_.insert(path).second) return Error{ErrorCode::conflict, path + " is held.", ""};
  return handle(path, std::make_shared<Inode>(), true);
}

Result<void> SimFileSystem::rename(const std::string& from, const std::string& to) {
  std::lock_guard lock(mutex_);
  if (auto error = before_change(FileOp::rename)) return std::move(*error);
  const auto found = names_.find(from);
  if (found == names_.end()) return *io_error(from + " is absent.");
  pending_.push_back({from, to, found->second});
  names_[to] = found->second;
  names_.erase(from);
  return {};
}

Result<void> SimFileSystem::remove(const std::string& path) {
  std::lock_guard lock(mutex_);
  if (auto error = before_change(FileOp::remove)) return std::move(*error);
  if (names_.erase(path) == 0) return *io_error(path + " is absent.");
  pending_.push_back({path, "", nullptr});
  return {};
}

Result<void> SimFileSystem::make_directories(const std::string&) {
  std::lock_guard lock(mutex_);
  return off_ ? Result<void>(*io_error("The power is off.")) : Result<void>();
}

Result<void> SimFileSystem::sync_directory(const std::string& path) {
  std::lock_guard lock(mutex_);
  if (auto error = before_change(FileOp::sync_directory)) return std::move(*error);
  if (skip_syncs_) return {};
  std::vector<Change> others;
  for (Change& change : pending_) {
    if (directory_of(change.added.empty() ? change.gone : change.added) != path) {
      others.push_back(std::move(change));
      continue;
    }
    if (!change.gone.empty()) durable_names_.erase(change.gone);
    if (!change.added.empty()) durable_names_[change.added] = change.inode;
  }
  pending_.swap(others);
  return {};
}

Result<std::vector<std::string>> SimFileSystem::list(const std::string& path) const {
  std::lock_guard lock(mutex_);
  if (off_) return *io_error("The power is off.");
  std::vector<std::string> files;
  for (const auto& [name, inode] : names_) {
    if (directory_of(name) == path) files.push_back(name.substr(path.size() + 1));
  }
  return files;
}

Result<std::uint64_t> SimFileSystem::free_bytes(const std::string&) const {
  std::lock_guard lock(mutex_);
  if (off_) return *io_error("The power is off.");
  const std::uint64_t full = used();
  return capacity_ > full ? capacity_ - full : 0;
}

bool SimFileSystem::exists(const std::string& path) const {
  std::lock_guard lock(mutex_);
  return names_.contains(path);
}

}  // namespace penstock::test
