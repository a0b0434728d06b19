// Sends generated logs or metric points to a running server over kept-alive connections, and prints one JSON object of
// figures. Usage: penstock-load --port P --token T [--kind logs|metrics] [--batch N] [--connections C] [--records R]
// [--series S] Loopback only; ends by itself after R records.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
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
  std::uint64_t batch = 100, connections = 4, records = 100'000, series = 1000, deployments = 1;
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

class Connection {
 public:
  explicit Connection(int port) : port_(port) { open(); }
  ~Connection() { ::close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Sends a request, reads the response whole, and gives its status.
  int exchange(const std::string& request) {
    if (closing_) {  // the server said so with the last answer, or it broke
      ::close(fd_);
      open();
    }
    closing_ = true;  // until an answer was read whole that does not say so
    for (std::size_t sent = 0; sent < request.size();) {
      const ssize_t n = ::send(fd_, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) throw Broken("the connection broke while sending");
      sent += static_cast<std::size_t>(n);
    }
    received_.clear();
    for (;;) {
      char buffer[16384];
      const ssize_t n = ::recv(fd_, buffer, sizeof(buffer), 0);
      if (n <= 0) throw Broken("the connection broke while receiving");
      received_.append(buffer, static_cast<std::size_t>(n));
      const std::size_t end = received_.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      const std::size_t field = received_.find("Content-Length: ");
      const std::size_t length = field < end ? std::strtoull(received_.c_str() + field + 16, nullptr, 10) : 0;
      if (received_.size() < end + 4 + length) continue;
      closing_ = received_.find("Connection: close") < end;
      return std::atoi(received_.c_str() + 9);
    }
  }

 private:
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
  }

  const int port_;
  int fd_ = -1;
  bool closing_ = false;
  std::string received_;
};

constexpr std::uint64_t kMostBroken = 100;  // of one worker

struct Tally {
  std::vector<double> latencies_ms;
  std::uint64_t accepted = 0, busy = 0, broken = 0, bytes = 0;
};

void drive(const Options& options, std::uint64_t worker, Tally& tally) {
  std::mt19937_64 random(worker + 1);
  std::vector<double> values(options.series * 10, 50.0);
  Connection connection(options.port);
  const std::uint64_t share = options.records / options.connections;
  std::string body, request;
  std::uint64_t host = worker;
  std::int64_t tick = now_ms();
  for (std::uint64_t sent = 0; sent < share;) {
    body.clear();
    const std::uint64_t count = std::min(options.batch, share - sent);
    for (std::uint64_t i = 0; i < count; ++i) {
      if (options.kind == "logs") {
        append_log(body, random, now_ms());
      } else {
        append_point(body, host, options.deployments, values, random, tick);
        host += options.connections;
        if (host >= options.series) {  // the next round of all hosts happened ten seconds later, ending now
          host = worker;
          tick += 10'000;
          if (tick > now_ms()) tick -= 3'600'000;
        }
      }
    }
    request = "POST /api/v1/" + options.kind + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " +
              options.token + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    const auto start = Steady::now();
    int status = 0;
    try {
      status = connection.exchange(request);
    } catch (const Broken&) {
      if (++tally.broken > kMostBroken) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      continue;
    }
    tally.latencies_ms.push_back(std::chrono::duration<double, std::milli>(Steady::now() - start).count());
    if (status == 200) {
      tally.accepted += count;
      tally.bytes += body.size();
      sent += count;
    } else if (status == 503) {
      ++tally.busy;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));  // what a well-behaved agent does
    } else {
      throw std::runtime_error("status " + std::to_string(status));
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  std::vector<Tally> tallies(options.connections);
  std::vector<std::thread> threads;
  std::atomic<bool> failed{false};
  const auto start = Steady::now();
  for (std::uint64_t i = 0; i < options.connections; ++i) {
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
