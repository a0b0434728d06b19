#include "support/golden_text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace penstock::test {
namespace {

std::string hex(std::uint64_t bits) {
  std::array<char, 20> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(bits));
  return text.data();
}

}  // namespace

std::string golden_line(Sequence sequence, const LogView& log) {
  std::string out = std::to_string(sequence) + ' ' + std::to_string(log.timestamp.ns) + ' ' +
                    std::to_string(log.received_at.ns) + ' ' + std::string(severity_name(log.severity)) + ' ';
  append_json_string(out, log.source);
  out += ' ';
  append_json_string(out, log.message);
  // A chunk gives them in the order of its columns.
  std::vector<FieldView> fields(log.fields.begin(), log.fields.end());
  std::stable_sort(fields.begin(), fields.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  for (const FieldView& field : fields) {
    out += ' ';
    append_json_string(out, field.name);
    out += '=' + std::to_string(static_cast<int>(field.value.type)) + ':';
    append_json(out, field.value);
  }
  return out + '\n';
}

std::string golden_line(SeriesId series, Timestamp timestamp, Timestamp received_at, double value) {
  return hex(series) + ' ' + std::to_string(timestamp.ns) + ' ' + std::to_string(received_at.ns) + ' ' +
         hex(std::bit_cast<std::uint64_t>(value)) + '\n';
}

void write_golden_chunk(const std::string& folder, const std::string& name, const Chunk& chunk) {
  const ChunkMeta& m = chunk.meta;
  std::ostringstream meta;
  meta << "journal " << m.journal.value << "\ndeployment " << m.deployment << "\nkind " << static_cast<int>(m.kind)
       << "\nday " << m.day << "\nmin_time " << m.min_time.ns << "\nmax_time " << m.max_time.ns << "\nmin_sequence "
       << m.min_sequence << "\nmax_sequence " << m.max_sequence << "\nrecord_count " << m.record_count << "\nmin_series "
       << m.min_series << "\nmax_series " << m.max_series << "\nmin_severity " << int{m.min_severity}
       << "\nmax_severity " << int{m.max_severity} << "\nkey_id " << m.key_id << "\nlevel " << m.level
       << "\npayload_bytes " << m.payload_bytes << '\n';
  write_file(folder + "/" + name + ".meta", meta.str());
  write_file(folder + "/" + name + ".header", chunk.header);
  write_file(folder + "/" + name + ".filter", chunk.filter);
  write_file(folder + "/" + name + ".payload", chunk.payload);
}

Chunk read_golden_chunk(const std::string& folder, const std::string& name) {
  std::istringstream lines(read_file(folder + "/" + name + ".meta"));
  std::map<std::string, std::string> said;
  for (std::string key, value; lines >> key >> value;) said[key] = value;
  const auto number = [&said](const char* key) { return std::stoll(said.at(key)); };
  const auto natural = [&said](const char* key) { return std::stoull(said.at(key)); };
  Chunk chunk;
  ChunkMeta& m = chunk.meta;
  m.journal.value = number("journal");
  m.deployment = said.at("deployment");
  m.kind = static_cast<RecordKind>(number("kind"));
  m.day = static_cast<std::int32_t>(number("day"));
  m.min_time.ns = number("min_time");
  m.max_time.ns = number("max_time");
  m.min_sequence = natural("min_sequence");
  m.max_sequence = natural("max_sequence");
  m.record_count = static_cast<std::uint32_t>(natural("record_count"));
  m.min_series = natural("min_series");
  m.max_series = natural("max_series");
  m.min_severity = static_cast<std::uint8_t>(natural("min_severity"));
  m.max_severity = static_cast<std::uint8_t>(natural("max_severity"));
  m.key_id = natural("key_id");
  m.level = static_cast<std::uint32_t>(natural("level"));
  m.payload_bytes = static_cast<std::uint32_t>(natural("payload_bytes"));
  chunk.header = read_file(folder + "/" + name + ".header");
  chunk.filter = read_file(folder + "/" + name + ".filter");
  chunk.payload = read_file(folder + "/" + name + ".payload");
  return chunk;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file) throw std::runtime_error("cannot read " + path);
  return bytes;
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << bytes;
  file.close();
  if (!file) throw std::runtime_error("cannot write " + path);
}

}  // namespace penstock::test
