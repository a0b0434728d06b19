#include "postgres/private_server.hpp"

#include <grp.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "postgres/child_process.hpp"
#include "postgres/server_directory.hpp"
#include "postgres/stale_server.hpp"
#include "server_fixture.hpp"

namespace penstock::postgres::test {
namespace {

using std::chrono::seconds;

class PrivateServerTest : public ::testing::Test {
 protected:
  ServerOptions options(const std::string& name = "postgres") const {
    ServerOptions given;
    given.directory = scratch.path() + "/" + name;
    given.settings = {{"fsync", "off"}};
    return given;
  }
  // A directory with a cluster in it, copied: making one takes seconds.
  ServerOptions made(const std::string& name = "postgres") const {
    static ScratchDirectory original;
    static const std::string source = [] {
      ServerOptions given;
      given.directory = original.path() + "/postgres";
      started(given)->stop();
      return given.directory;
    }();
    auto given = options(name);
    std::filesystem::create_directories(std::filesystem::path(given.directory).parent_path());
    auto copied = run_child({"/bin/cp", "-a", source, given.directory}, std::nullopt, "/", seconds(60));
    if (!copied) throw std::runtime_error(copied.error().message);
    return given;
  }
  static std::int64_t ask(const PrivateServer& server, const std::string& sql) {
    ConnectionOptions connection;
    connection.url = server.url();
    auto open = PqConnection::open(connection);
    if (!open) throw std::runtime_error(open.error().message);
    auto rows = (*open)->run(sql, "answer the test");
    if (!rows) throw std::runtime_error(rows.error().message);
    return rows->rows() > 0 ? rows->number(0, 0) : 0;
  }
  static std::unique_ptr<PrivateServer> started(const ServerOptions& given) {
    auto server = PrivateServer::start(given);
    if (!server) throw std::runtime_error(server.error().message);
    if (auto ready = (*server)->wait_ready(seconds(60)); !ready) throw std::runtime_error(ready.error().message);
    return *std::move(server);
  }
  static bool lives(pid_t pid) { return std::filesystem::exists("/proc/" + std::to_string(pid)); }
  static void wait_until_gone(pid_t pid) {
    while (lives(pid)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  // Runs `work` in a child process; its pid. The child never returns.
  template <class Work>
  static pid_t in_child(Work work) {
    const pid_t pid = fork();
    if (pid == 0) {
      work();
      _exit(0);
    }
    return pid;
  }

  ScratchDirectory scratch;
};

TEST_F(PrivateServerTest, IsMadeStoppedAndStartsAgainQuickly) {
  auto server = started(options());
  const pid_t first = server->pid();
  ask(*server, "CREATE TABLE kept AS SELECT 42 AS n");
  server->stop();
  EXPECT_FALSE(lives(first));
  EXPECT_FALSE(server->running());
  const auto begun = std::chrono::steady_clock::now();
  server = nullptr;
  server = started(options());
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  EXPECT_EQ(ask(*server, "SELECT n FROM kept"), 42);
  std::printf("existing directory to ready: %.3f s\n", took);
  EXPECT_LT(took, 10.0);
}

TEST_F(PrivateServerTest, ListensOnNoNetworkAndLetsOnlyUsIn) {
  auto server = started(made());
  EXPECT_EQ(ask(*server, "SELECT (current_setting('listen_addresses') = '')::int"), 1);
  struct stat there {};
  ASSERT_EQ(stat((options().directory + "/run").c_str(), &there), 0);
  EXPECT_EQ(there.st_mode & 077, 0u);
  ASSERT_EQ(stat((options().directory + "/data").c_str(), &there), 0);
  EXPECT_EQ(there.st_mode & 077, 0u);
}

TEST_F(PrivateServerTest, IsStartedAgainWhenItDies) {
  auto server = started(made());
  const pid_t first = server->pid();
  kill(first, SIGKILL);
  while (server->pid() == first || !server->running()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  auto ready = server->wait_ready(seconds(60));
  EXPECT_TRUE(ready) << ready.error().message;
  EXPECT_GE(server->restarts(), 1u);
  EXPECT_EQ(ask(*server, "SELECT 1"), 1);
}

TEST_F(PrivateServerTest, EndsWhenItsOwnerIsKilledAndIsTakenOver) {
  const auto given = made();
  const pid_t owner = in_child([&] {
    auto server = started(given);
    ask(*server, "CREATE TABLE kept AS SELECT 43 AS n");
    std::ofstream(scratch.path() + "/pid.new") << server->pid();
    std::filesystem::rename(scratch.path() + "/pid.new", scratch.path() + "/pid");
    pause();
  });
  while (!std::filesystem::exists(scratch.path() + "/pid")) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  pid_t orphan = 0;
  std::ifstream(scratch.path() + "/pid") >> orphan;
  kill(owner, SIGKILL);
  waitpid(owner, nullptr, 0);
  auto server = started(given);
  EXPECT_NE(server->pid(), orphan);
  wait_until_gone(orphan);
  EXPECT_EQ(ask(*server, "SELECT n FROM kept"), 43);
}

TEST_F(PrivateServerTest, AServerThatOutlivedItsOwnerIsEndedFirst) {
  const auto given = made();
  // The same server, started by hand: nothing tells it of our end.
  auto directory = *ServerDirectory::open(given);
  ASSERT_TRUE(directory.write_access_rules());
  auto left = start_child({directory.binaries().directory + "/postgres", "-D", directory.data(), "-c",
                           "listen_addresses=", "-c",
                           "unix_socket_directories=" + directory.socket()},
                          directory.identity(), directory.data(), 0);
  ASSERT_TRUE(left) << left.error().message;
  while (!read_postmaster_file(directory.data()).ready) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  std::thread reaper([pid = left->pid] { waitpid(pid, nullptr, 0); });
  auto ended = directory.end_stale(seconds(60));
  EXPECT_TRUE(ended) << ended.error().message;
  reaper.join();
  EXPECT_FALSE(std::filesystem::exists(directory.data() + "/postmaster.pid")) << "a clean shutdown";
}

TEST_F(PrivateServerTest, APidFileThatNamesSomebodyElseIsNoReasonToRefuse) {
  const auto given = made();
  const pid_t stranger = in_child([] { pause(); });
  std::ofstream(given.directory + "/data/postmaster.pid") << stranger << "\n" << given.directory << "/data\n";
  auto server = started(given);
  EXPECT_EQ(ask(*server, "SELECT 1"), 1);
  EXPECT_TRUE(lives(stranger)) << "and it is left alone";
  kill(stranger, SIGKILL);
  waitpid(stranger, nullptr, 0);
}

TEST_F(PrivateServerTest, NeitherIsASocketLockThatDoes) {
  const auto given = made();
  Child stranger;
  {
    const auto directory = ServerDirectory::open(given).value();
    // Postgres heeds processes of its own user only.
    stranger = start_child({"/bin/sleep", "600"}, directory.identity(), "/", 0).value();
    std::ofstream(directory.socket() + "/.s.PGSQL." + kPort + ".lock")
        << stranger.pid << "\n" << directory.data() << "\n1\n" << kPort << "\n" << directory.socket() << "\n";
  }
  auto server = started(given);
  EXPECT_EQ(ask(*server, "SELECT 1"), 1);
  EXPECT_TRUE(lives(stranger.pid)) << "and it is left alone";
  kill(stranger.pid, SIGKILL);
  waitpid(stranger.pid, nullptr, 0);
}

TEST_F(PrivateServerTest, ASecondOneOnTheSameDirectoryIsRefused) {
  auto server = started(made());
  const pid_t other = in_child([&] {
    auto second = PrivateServer::start(options());
    _exit(!second && second.error().code == ErrorCode::conflict ? 0 : 1);
  });
  int status = 0;
  waitpid(other, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(PrivateServerTest, ALongOrAwkwardPathGetsAShortSocketDirectory) {
  auto server = started(made(std::string(90, 'l') + "/a, b's \"dir\""));
  EXPECT_EQ(ask(*server, "SELECT 1"), 1);
  const std::string url = server->url();
  EXPECT_EQ(url.find("llll"), std::string::npos);
  const auto begin = url.find("host='") + 6;
  const std::string socket_directory = url.substr(begin, url.find('\'', begin) - begin);
  EXPECT_TRUE(std::filesystem::exists(socket_directory));
  server = nullptr;
  EXPECT_FALSE(std::filesystem::exists(socket_directory)) << "nothing is left outside the data directory";
}

TEST_F(PrivateServerTest, HalfAClusterIsNotMistakenForOne) {
  const auto given = options();
  std::filesystem::create_directories(given.directory + "/data.new/base");
  std::ofstream(given.directory + "/data.new/PG_VERSION") << "15\n";
  auto server = started(given);
  EXPECT_EQ(ask(*server, "SELECT 1"), 1);
}

TEST_F(PrivateServerTest, AClusterOfAnotherVersionNamesWhatToInstall) {
  const auto given = options();
  std::filesystem::create_directories(given.directory + "/data");
  std::ofstream(given.directory + "/data/PG_VERSION") << "9\n";
  auto refused = PrivateServer::start(given);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::config_error);
  EXPECT_NE(refused.error().message.find("postgresql-9"), std::string::npos) << refused.error().message;
}

TEST_F(PrivateServerTest, WithoutBinariesItSaysWhatToInstall) {
  auto given = options();
  given.bin_directory = "/nonexistent";
  auto refused = PrivateServer::start(given);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("install"), std::string::npos);
}

TEST_F(PrivateServerTest, WhatTheServerSaysWhenItCannotStartIsTold) {
  auto given = made();
  given.settings = {{"shared_buffers", "nonsense"}};
  auto server = PrivateServer::start(given);
  ASSERT_TRUE(server) << server.error().message;
  // It has to be started and to end first, which a busy machine takes its time for.
  std::string told;
  for (int tries = 0; tries < 60 && told.find("shared_buffers") == std::string::npos; ++tries) {
    auto ready = (*server)->wait_ready(std::chrono::milliseconds(500));
    ASSERT_FALSE(ready);
    told = ready.error().message;
  }
  EXPECT_NE(told.find("shared_buffers"), std::string::npos) << told;
}

TEST_F(PrivateServerTest, StaysWithinItsMemory) {
  auto server = started(made());
  ConnectionOptions connection;
  connection.url = server->url();
  std::vector<std::unique_ptr<PqConnection>> sessions;
  for (int i = 0; i < 8; ++i) {
    sessions.push_back(*PqConnection::open(connection));
    ASSERT_TRUE(sessions.back()->run("SELECT count(*) FROM pg_class, pg_attribute LIMIT 1", "work"));
  }
  std::uint64_t kilobytes = 0;
  for (const auto& process : std::filesystem::directory_iterator("/proc")) {
    std::ifstream status(process.path() / "status");
    std::string line;
    bool ours = false;
    while (std::getline(status, line)) {
      ours = ours || line == "PPid:\t" + std::to_string(server->pid()) ||
          line == "Pid:\t" + std::to_string(server->pid());
      if (ours && line.starts_with("RssAnon:")) kilobytes += std::stoull(line.substr(8));
    }
  }
  const double megabytes = static_cast<double>(kilobytes) / 1024 + options().shared_buffers_mb + 8;
  std::printf("private memory of all processes with 8 sessions, and shared buffers: %.1f MiB\n", megabytes);
  EXPECT_LT(megabytes, 128);
}

class AsRootTest : public PrivateServerTest {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  }
};

TEST_F(AsRootTest, ADirectoryThatTheServersUserCannotEnterIsNamed) {
  const std::string closed = scratch.path() + "/closed";
  std::filesystem::create_directories(closed);
  chmod(closed.c_str(), 0700);
  auto given = options();
  given.directory = closed + "/inner/postgres";
  auto refused = PrivateServer::start(given);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::config_error);
  EXPECT_NE(refused.error().message.find(closed + ":"), std::string::npos) << refused.error().message;
}

TEST_F(AsRootTest, WithoutTheSystemUserItSaysWhatToDo) {
  auto given = options();
  given.system_user = "nobody-of-that-name";
  auto refused = PrivateServer::start(given);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("nobody-of-that-name"), std::string::npos);
}

TEST_F(AsRootTest, AnOrdinaryUserRunsItToo) {
  const std::string home = scratch.path() + "/home";
  std::filesystem::create_directories(home);
  ASSERT_EQ(chown(home.c_str(), 65534, 65534), 0);
  auto given = options();
  given.directory = home + "/postgres";
  const pid_t child = in_child([&] {
    if (setgroups(0, nullptr) != 0 || setgid(65534) != 0 || setuid(65534) != 0) _exit(2);
    try {
      auto server = started(given);
      const bool works = ask(*server, "SELECT 44") == 44;
      server->stop();
      _exit(works ? 0 : 3);
    } catch (const std::exception& failed) {
      std::fprintf(stderr, "%s\n", failed.what());
      _exit(4);
    }
  });
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace penstock::postgres::test
