#include "postgres/server_directory.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

#include "base/log.hpp"
#include "postgres/stale_server.hpp"

namespace penstock::postgres {
namespace {

namespace fs = std::filesystem;

// sockaddr_un::sun_path holds 108 bytes with the final zero.
constexpr std::size_t kMaxSocketPath = 107;

Error failed(const std::string& what, const std::string& path) {
  return {ErrorCode::io_error, "Cannot " + what + " " + path + ": " + std::strerror(errno) + ".", ""};
}

Result<std::optional<Identity>> server_identity(const std::string& system_user) {
  if (geteuid() != 0) return std::optional<Identity>();
  std::array<char, 4096> space{};
  passwd entry{};
  passwd* found = nullptr;
  getpwnam_r(system_user.c_str(), &entry, space.data(), space.size(), &found);
  if (found == nullptr || entry.pw_uid == 0) {
    return Error{ErrorCode::config_error,
                 "Postgres refuses to run as root, and there is no system user " + system_user +
                     " for it: run Penstock as an ordinary user, or make that user (adduser --system --group " +
                         system_user +
                     "), or give a database.url.",
                 "database.url"};
  }
  return std::optional<Identity>(Identity{entry.pw_uid, entry.pw_gid, system_user});
}

std::string own_name() {
  std::array<char, 4096> space{};
  passwd entry{};
  passwd* found = nullptr;
  getpwuid_r(geteuid(), &entry, space.data(), space.size(), &found);
  return found == nullptr ? "" : entry.pw_name;
}

// Lists of directories are separated by commas, in Postgres as in connection strings.
bool is_plain(const std::string& path) {
  return path.find_first_of(", '\"\\\n") == std::string::npos;
}

std::optional<int> cluster_version(const std::string& data) {
  std::ifstream file(data + "/PG_VERSION");
  int major = 0;
  if (file >> major) return major;
  return std::nullopt;
}

}  // namespace

Result<ServerDirectory> ServerDirectory::open(const ServerOptions& options) {
  ServerDirectory self;
  auto identity = server_identity(options.system_user);
  if (!identity) return identity.error();
  self.identity_ = *identity;
  std::error_code trouble;
  fs::create_directories(options.directory, trouble);
  self.root_ = fs::canonical(options.directory, trouble).string();
  if (self.root_.empty()) {
    return Error{ErrorCode::io_error,
                 "Cannot make the directory " + options.directory + ": " + trouble.message() + ".", ""};
  }
  // Ours, whoever the server runs as: what root writes here, nobody else can put a link in the way of. The server only
  // passes through.
  if (chmod(self.root_.c_str(), self.identity_ ? 0711 : 0700) != 0) return failed("change the mode of", self.root_);
  self.lock_ = Descriptor(::open((self.root_ + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (self.lock_.get() < 0) return failed("open", self.root_ + "/lock");
  if (flock(self.lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{ErrorCode::conflict,
                 "Another Penstock uses " + self.root_ + ": stop it, or give another --data-dir.", ""};
  }
  auto binaries = find_server_binaries(options.bin_directory, cluster_version(self.data()));
  if (!binaries) return binaries.error();
  self.binaries_ = *std::move(binaries);
  if (auto may = self.check_entry(self.root_); !may) return may.error();
  if (auto chosen = self.choose_socket_directory(); !chosen) return chosen.error();
  return self;
}

Result<void> ServerDirectory::own(const std::string& path) const {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed("make", path);
  struct stat there {};
  if (lstat(path.c_str(), &there) != 0 || !S_ISDIR(there.st_mode)) {
    errno = ENOTDIR;
    return failed("use", path);
  }
  const uid_t wanted = identity_ ? identity_->user : geteuid();
  if (there.st_uid == wanted && (there.st_mode & 077) == 0) return {};
  // Somebody else's: in a shared place like /tmp nobody but us may have made it.
  if (there.st_uid != geteuid() && there.st_uid != wanted) {
    errno = EPERM;
    return failed("use", path);
  }
  if (identity_ && lchown(path.c_str(), identity_->user, identity_->group) != 0) return failed("give away", path);
  if (chmod(path.c_str(), 0700) != 0) return failed("change the mode of", path);
  return {};
}

Result<void> ServerDirectory::check_entry(const std::string& path) const {
  if (!identity_) return {};
  // The kernel is asked, as that user: modes alone would not tell of access lists.
  const auto enters = [this](const std::string& directory) {
    return run_child({"/bin/true"}, identity_, directory, std::chrono::seconds(5)).has_value();
  };
  if (enters(path)) return {};
  std::string culprit = path;
  for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string parent = path.substr(0, slash);
    if (!enters(parent)) {
      culprit = parent;
      break;
    }
    if (slash == std::string::npos) break;
  }
  return Error{ErrorCode::config_error,
               "As root, Penstock runs its private Postgres as the system user " + identity_->name +
                   ", who cannot enter " + culprit +
                   ": choose a --data-dir that others may pass to (for example /var/lib/penstock), or run Penstock as "
                   "an ordinary user, or give a database.url.",
               "data_dir"};
}

Result<void> ServerDirectory::choose_socket_directory() {
  const std::string socket_name = std::string("/.s.PGSQL.") + kPort;
  std::vector<std::string> candidates;
  if (is_plain(root_)) candidates.push_back(root_ + "/run");
  const std::string short_name = "penstock-" + std::to_string(geteuid()) + "-" +
      std::to_string(std::hash<std::string>{}(root_) % 1'000'000'000);
  if (geteuid() == 0) candidates.push_back("/run/" + short_name);
  candidates.push_back("/tmp/" + short_name);
  Error last;
  for (const auto& candidate : candidates) {
    if (candidate.size() + socket_name.size() > kMaxSocketPath) continue;
    if (auto owned = own(candidate); !owned) {
      last = owned.error();
      continue;
    }
    socket_ = candidate;
    return {};
  }
  return last;
}

void ServerDirectory::remove_socket_directory() const {
  if (!socket_.starts_with(root_ + "/")) rmdir(socket_.c_str());
}

Result<bool> ServerDirectory::make_cluster() {
  if (cluster_version(data())) return false;
  log::info("postgres", "making a private database", {{"directory", data()}});
  // Made beside its place and moved there whole: half a cluster is never mistaken for one.
  const std::string fresh = root_ + "/data.new";
  std::error_code trouble;
  fs::remove_all(fresh, trouble);
  if (auto owned = own(fresh); !owned) return owned.error();
  auto made = run_child({binaries_.directory + "/initdb", "--pgdata=" + fresh, std::string("--username=") + kRole,
                         "--encoding=UTF8", "--locale=C", "--auth-local=peer", "--auth-host=reject"},
                        identity_, fresh, std::chrono::minutes(5));
  if (!made) return made.error();
  fs::rename(fresh, data(), trouble);
  if (trouble) {
    return Error{ErrorCode::io_error, "Cannot move " + fresh + " to its place: " + trouble.message() + ".", ""};
  }
  return true;
}

Result<void> ServerDirectory::write_access_rules() const {
  const std::string name = own_name();
  if (name.empty() || name.find('"') != std::string::npos) {
    return Error{ErrorCode::config_error,
                 "The user id that Penstock runs as has no name in /etc/passwd, and Postgres wants one: give it a "
                 "name, or give a database.url.",
                 "database.url"};
  }
  const auto write = [](const std::string& path, const std::string& text) {
    std::ofstream file(path, std::ios::trunc);
    file << text;
    file.close();
    chmod(path.c_str(), 0644);
    return file.good();
  };
  const bool written = write(hba_file(), "local all all peer map=penstock\n") &&
                       write(ident_file(), "penstock \"" + name + "\" " + kRole + "\n");
  if (!written) return failed("write", hba_file());
  return {};
}

Result<void> ServerDirectory::end_stale(std::chrono::milliseconds at_most) const {
  if (auto ended = end_stale_server(data(), at_most); !ended) return ended;
  // The socket's lock names a process too, which after a crash of the machine may be any other of the same user: a new
  // server would refuse to start for as long as that one lives. Here nobody runs, and nobody else may.
  unlink((socket_ + "/.s.PGSQL." + kPort + ".lock").c_str());
  return {};
}

}  // namespace penstock::postgres
