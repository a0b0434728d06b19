// What the HTTP edge can be told; the defaults are those of the documentation.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace penstock::http {

struct TlsOptions {
  std::string certificate_file;  // PEM chain; empty: plain HTTP
  std::string key_file;          // PEM
  bool allow_tls12 = false;      // else 1.3 only
  bool hsts = true;              // Strict-Transport-Security on answers over TLS
  std::string client_ca_file;    // PEM, of those whose certificates name clients; empty: clients are not asked for any
  bool client_required = false;  // who shows no such certificate is not served at all
};

struct Deadlines {
  std::chrono::milliseconds handshake{10'000};
  std::chrono::milliseconds header{10'000};       // absolute, from a request's first byte
  std::chrono::milliseconds idle{60'000};         // without a byte of the next request
  // a body's deadline is its start + this + bytes received / body_min_rate
  std::chrono::milliseconds body_grace{10'000};
  std::size_t body_min_rate = 4096;               // bytes a second
  std::chrono::milliseconds write_stall{30'000};  // without a byte taken by the client
  std::size_t answer_min_rate = 4096;             // bytes a second, beyond the time of write_stall; only while the client is waited for
  // A body or an answer that moves fewer bytes a second, or fewer than an eighth of what it holds, gives way when another needs its memory.
  std::size_t give_way_rate = 64 * 1024;
  // says nothing, sends its head, or moves too few bytes of a body or an answer for so long: keeps a seat or memory from others, and
  // gives way to them
  std::chrono::milliseconds stall{1000};
  std::chrono::milliseconds linger{2000};         // for what a refused client still sends, so that it can read why
  std::chrono::milliseconds sweep{500};           // how often deadlines and departed clients are looked for
};

struct Options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  // 0: any; see Server::port()
  std::size_t threads = 0;    // io threads; 0: one a core
  std::size_t max_header_bytes = 16 * 1024;  // start line and fields
  std::size_t max_header_fields = 64;
  std::size_t max_connections = 0;           // 0: see suited_to(); lowered at start to what the process's file limit allows
  // An IPv6 address counts by its /64. This machine's own and those of trusted proxies do not count; what proxies pass on does, by
  // the client that they name.
  std::size_t max_connections_per_address = 256;
  bool trust_loopback = true;  // tests have no other addresses
  std::vector<std::string> trusted_proxies;  // addresses and networks whose X-Forwarded-For or Forwarded is believed, beside loopback
  // What connections hold beside bodies and answers: themselves, unfinished heads, large reads. 0: see suited_to().
  std::size_t connection_memory = 0;
  std::size_t answer_memory = 0;             // answers made and not yet taken by their clients; over it: overloaded. 0: see suited_to().
  std::size_t max_body = 64 * 1024 * 1024;   // unpacked; caps Admission::max_body, as the byte budget's limit does too
  std::size_t skip_body = 64 * 1024;         // a refused body up to this size is read away to keep the connection
  std::size_t gzip_from = 1024;              // answers of text above this are compressed for who accepts it; 0: never
  Deadlines deadlines;
  TlsOptions tls;
};

// Each connection counts this much of connection_memory from its first moment (measured), and more while it reads much at once. Over
// TLS the record that has not come whole is in it.
constexpr std::size_t kPlainConnectionBytes = 7 * 1024;
constexpr std::size_t kTlsConnectionBytes = 48 * 1024;

// With values for what is 0: 4,096 connections, 32 MiB for them and 16 MiB for answers; on a machine (or in a container) of at most
// 1 GiB 512, 8 MiB and 8 MiB.
// `memory`: bytes of it; 0: unknown, taken for large.
Options suited_to(std::uint64_t memory, Options options);

}  // namespace penstock::http
