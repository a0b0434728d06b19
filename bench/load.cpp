// Sends generated logs or metric points to a running server over kept-alive connections, and prints one JSON object of
// figures. Usage: penstock-load --port P --token T [--kind logs|metrics] [--batch N] [--connections C] [--records R]
// [--series S] [--deployments D] [--threads T] Loopback only; ends by itself after R records. A thread drives many connections, so that
// a thousand of them do not take the processor from the server.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using Steady = std::chrono::steady_clock;

struct Options {
  int port = 8080;
  std::string token, kind = "logs";
  std::uint64_t batch = 100, connections = 4, records = 100'000, series = 1000, deployments = 1, threads = 2;
};

Options parse(int argc, char** argv) {
  std::map<std::string, std::string> given;
  for (int i = 1; i + 1 < argc; i += 2) given[argv[i]] = argv[i + 1];
  Options options;
  const auto number = [&](const char* name, std::uint64_t& place) {
    if (given.count(name)) place = std::strtoull(given[name].c_str(), nullptr, 10);
  };
  std::uint64_t port = 8080;
  number("--port", port);
  options.port = static_cast<int>(port);
  number("--batch", options.batch);
  number("--connections", options.connections);
  number("--records", options.records);
  number("--series", options.series);
  number("--deployments", options.deployments);
  number("--threads", options.threads);
  if (given.count("--token")) options.token = given["--token"];
  if (given.count("--kind")) options.kind = given["--kind"];
  return options;
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// A web server's log line of about 220 bytes, with fields.
void append_log(std::string& out, std::mt19937_64& random, std::int64_t time) {
  static constexpr const char* kPaths[] = {"/cart", "/checkout", "/api/items", "/login", "/static/app.js", "/search"};
  static constexpr const char* kVerbs[] = {"GET", "POST", "PUT"};
  static constexpr const char* kSeverities[] = {"INFO", "INFO", "INFO", "INFO", "WARN", "ERROR"};
  char line[512];
  const std::uint64_t r = random();
  const int size = std::snprintf(
      line, sizeof(line),
      R"({"timestamp":%lld,"source":"web-%llu","severity":"%s","message":"%s %s answered in %llu ms for user %llu","fields":{"status":%d,"bytes":%llu,"trace":"%08llx","cached":%s}})"
      "\n",
      static_cast<long long>(time), static_cast<unsigned long long>(r % 20), kSeverities[(r >> 8) % 6],
      kVerbs[(r >> 16) % 3], kPaths[(r >> 24) % 6], static_cast<unsigned long long>((r >> 32) % 900),
      static_cast<unsigned long long>((r >> 20) % 50000), (r >> 40) % 10 == 0 ? 500 : 200,
      static_cast<unsigned long long>((r >> 12) % 90000), static_cast<unsigned long long>(r & 0xffffffff),
      (r >> 50) % 2 ? "true" : "false");
  out.append(line, static_cast<std::size_t>(size));
}

// A point of ten gauges that wander.
void append_point(std::string& out, std::uint64_t host, std::uint64_t deployments, std::vector<double>& values,
                  std::mt19937_64& random, std::int64_t time) {
  static constexpr const char* kNames[] = {"cpu.usage", "ram.usage",  "ram.used", "load.1",  "load.5",
                                           "disk.read", "disk.write", "net.in",   "net.out", "temperature.celsius"};
  char text[160];
  int size =
      std::snprintf(text, sizeof(text), R"({"timestamp":%lld,"deployment":"d%llu","source":"host-%llu","metrics":{)",
                    static_cast<long long>(time), static_cast<unsigned long long>(host % deployments),
                    static_cast<unsigned long long>(host));
  out.append(text, static_cast<std::size_t>(size));
  for (int i = 0; i < 10; ++i) {
    double& value = values[host * 10 + static_cast<std::uint64_t>(i)];
    value =
        std::clamp(value + static_cast<double>(static_cast<std::int64_t>(random() % 201) - 100) / 100.0, 0.0, 100.0);
    size = std::snprintf(text, sizeof(text), R"(%s"%s":%.2f)", i ? "," : "", kNames[i], value);
    out.append(text, static_cast<std::size_t>(size));
  }
  out += "}}\n";
}

// The server closed a connection without an answer, as it does where it has no room for it: an agent sends again.
struct Broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// One request at a time over a kept-alive connection; never blocks.
class Connection {
 public:
  Connection(int port, int poll, std::uint32_t number) : port_(port), poll_(poll), number_(number) { open(); }
  ~Connection() { ::close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void begin(std::string request) {
    if (closing_) {  // the server said so with the last answer, or it broke
      ::close(fd_);
      open();
    }
    closing_ = true;  // until an answer was read whole that does not say so
    request_ = std::move(request);
    sent_ = 0;
    received_.clear();
    asks_ = true;
  }
  bool asks() const { return asks_; }

  // Sends and receives what it can; the answer's status once it was read whole.
  std::optional<int> go_on() {
    while (sent_ < request_.size()) {
      const ssize_t n = ::send(fd_, request_.data() + sent_, request_.size() - sent_, MSG_NOSIGNAL);
      if (n < 0 && errno == EAGAIN) return std::nullopt;
      if (n <= 0) return broken("the connection broke while sending");
      sent_ += static_cast<std::size_t>(n);
    }
    for (;;) {
      char buffer[16384];
      const ssize_t n = ::recv(fd_, buffer, sizeof(buffer), 0);
      if (n < 0 && errno == EAGAIN) return std::nullopt;
      if (n <= 0) return broken("the connection broke while receiving");
      received_.append(buffer, static_cast<std::size_t>(n));
      const std::size_t end = received_.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      const std::size_t field = received_.find("Content-Length: ");
      const std::size_t length = field < end ? std::strtoull(received_.c_str() + field + 16, nullptr, 10) : 0;
      if (received_.size() < end + 4 + length) continue;
      closing_ = received_.find("Connection: close") < end;
      asks_ = false;
      return std::atoi(received_.c_str() + 9);
    }
  }

 private:
  std::optional<int> broken(const char* how) {
    asks_ = false;
    throw Broken(how);
  }
  void open() {
    closing_ = false;
    fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
      throw std::runtime_error("cannot connect");
    const int one = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    ::fcntl(fd_, F_SETFL, O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.u32 = number_;
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, fd_, &event);
  }

  const int port_, poll_;
  const std::uint32_t number_;
  int fd_ = -1;
  bool closing_ = false, asks_ = false;
  std::string request_, received_;
  std::size_t sent_ = 0;
};

constexpr std::uint64_t kMostBroken = 100;  // of one client
constexpr std::chrono::milliseconds kPause{20};  // after a refusal, as a well-behaved agent makes one

struct Tally {
  std::vector<double> latencies_ms;
  std::uint64_t accepted = 0, busy = 0, bytes = 0, broken = 0;
};

// Sends its share of the records over one connection.
class Client {
 public:
  Client(const Options& options, std::uint64_t worker, int poll, std::uint32_t number)
      : options_(options), random_(worker + 1), values_(options.kind == "logs" ? 0 : options.series * 10, 50.0), worker_(worker), host_(worker), tick_(now_ms()),
        left_(options.records / options.connections), connection_(options.port, poll, number) {}

  bool done() const { return left_ == 0; }
  // When it wants to ask next; nullopt: it waits for an answer, or is done.
  std::optional<Steady::time_point> due() const { return done() || connection_.asks() ? std::nullopt : std::optional(next_); }

  void ask() {
    body_.clear();
    const std::uint64_t count = std::min(options_.batch, left_);
    for (std::uint64_t i = 0; i < count; ++i) {
      if (options_.kind == "logs") {
        append_log(body_, random_, now_ms());
        continue;
      }
      append_point(body_, host_, options_.deployments, values_, random_, tick_);
      host_ += options_.connections;
      if (host_ >= options_.series) {  // the next round of all hosts happened ten seconds later, ending now
        host_ = worker_;
        tick_ += 10'000;
        if (tick_ > now_ms()) tick_ -= 3'600'000;
      }
    }
    asked_ = count;
    connection_.begin("POST /api/v1/" + options_.kind + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + options_.token +
                      "\r\nContent-Length: " + std::to_string(body_.size()) + "\r\n\r\n" + body_);
    began_ = Steady::now();
  }

  void go_on(Tally& tally) {
    if (!connection_.asks()) return;
    std::optional<int> status;
    try {
      status = connection_.go_on();
    } catch (const Broken&) {
      ++tally.broken;
      if (++broken_ > kMostBroken) throw;
      next_ = Steady::now() + kPause;
      return;
    }
    if (!status) return;
    tally.latencies_ms.push_back(std::chrono::duration<double, std::milli>(Steady::now() - began_).count());
    if (*status == 200) {
      tally.accepted += asked_;
      tally.bytes += body_.size();
      left_ -= asked_;
    } else if (*status == 503) {
      ++tally.busy;
      next_ = Steady::now() + kPause;
    } else {
      throw std::runtime_error("status " + std::to_string(*status));
    }
  }

 private:
  const Options& options_;
  std::mt19937_64 random_;
  std::vector<double> values_;
  const std::uint64_t worker_;
  std::uint64_t host_, asked_ = 0, broken_ = 0;
  std::int64_t tick_;
  std::uint64_t left_;
  Steady::time_point next_, began_;
  std::string body_;
  Connection connection_;
};

// Drives every connection whose number leaves `thread` when divided by the threads.
void drive(const Options& options, std::uint64_t thread, Tally& tally) {
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<std::unique_ptr<Client>> clients;
  for (std::uint64_t worker = thread; worker < options.connections; worker += options.threads) {
    clients.push_back(std::make_unique<Client>(options, worker, poll, static_cast<std::uint32_t>(clients.size())));
  }
  std::vector<epoll_event> events(256);
  for (;;) {
    bool open = false;
    auto until = Steady::time_point::max();
    for (auto& client : clients) {
      while (const auto due = client->due()) {
        if (*due > Steady::now()) {
          until = std::min(until, *due);
          break;
        }
        client->ask();
        client->go_on(tally);
      }
      open = open || !client->done();
    }
    if (!open) break;
    const auto wait = until == Steady::time_point::max() ? std::chrono::milliseconds(1000) : std::chrono::ceil<std::chrono::milliseconds>(until - Steady::now());
    const int ready = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), static_cast<int>(std::max<std::int64_t>(wait.count(), 0)));
    for (int i = 0; i < ready; ++i) clients[events[static_cast<std::size_t>(i)].data.u32]->go_on(tally);
  }
  clients.clear();
  ::close(poll);
}

}  // namespace

int main(int argc, char** argv) {
  Options options = parse(argc, argv);
  options.threads = std::clamp<std::uint64_t>(options.threads, 1, std::max<std::uint64_t>(options.connections, 1));
  std::vector<Tally> tallies(options.threads);
  std::vector<std::thread> threads;
  std::atomic<bool> failed{false};
  const auto start = Steady::now();
  for (std::uint64_t i = 0; i < options.threads; ++i) {
    threads.emplace_back([&, i] {
      try {
        drive(options, i, tallies[i]);
      } catch (const std::exception& error) {
        std::fprintf(stderr, "load: %s\n", error.what());
        failed = true;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = std::chrono::duration<double>(Steady::now() - start).count();
  Tally all;
  for (const Tally& tally : tallies) {
    all.accepted += tally.accepted;
    all.busy += tally.busy;
    all.broken += tally.broken;
    all.bytes += tally.bytes;
    all.latencies_ms.insert(all.latencies_ms.end(), tally.latencies_ms.begin(), tally.latencies_ms.end());
  }
  std::sort(all.latencies_ms.begin(), all.latencies_ms.end());
  const auto quantile = [&](double q) {
    return all.latencies_ms.empty()
               ? 0.0
               : all.latencies_ms[static_cast<std::size_t>(q * static_cast<double>(all.latencies_ms.size() - 1))];
  };
  std::printf(
      "{\"accepted\": %llu, \"busy\": %llu, \"broken\": %llu, \"seconds\": %.3f, \"records_per_s\": %.0f, \"requests_per_s\": %.0f, "
      "\"bytes_per_record\": %.1f, \"p50_ms\": %.2f, \"p99_ms\": %.2f}\n",
      static_cast<unsigned long long>(all.accepted), static_cast<unsigned long long>(all.busy), static_cast<unsigned long long>(all.broken), seconds,
      static_cast<double>(all.accepted) / seconds, static_cast<double>(all.latencies_ms.size()) / seconds,
      all.accepted ? static_cast<double>(all.bytes) / static_cast<double>(all.accepted) : 0.0, quantile(0.5),
      quantile(0.99));
  return failed ? 1 : 0;
}
