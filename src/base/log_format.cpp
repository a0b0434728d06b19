#include "base/log_format.hpp"

#include <ctime>

#include <fmt/format.h>

#include "base/unicode.hpp"

namespace penstock::log {
namespace {

void append_time(std::string& out, std::chrono::system_clock::time_point time) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(ms);
  const std::time_t whole = std::chrono::system_clock::to_time_t(seconds);
  std::tm utc{};
  gmtime_r(&whole, &utc);
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1,
                 utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, (ms - seconds).count());
}

bool is_control(unsigned char byte) { return byte < 0x20 || byte == 0x7f; }
bool is_c1(std::string_view text, std::size_t at) {
  return text[at] == '\xc2' && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xa0;
}

// Text outside quotes or inside them: the same escapes, plus the quote's own.
void append_escaped(std::string& out, std::string_view text, bool in_quotes) {
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte == '\n') {
      out += "\\n";
      ++at;
    } else if (is_control(byte)) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
      ++at;
    } else if (in_quotes && (byte == '"' || byte == '\\')) {
      out += '\\';
      out += text[at++];
    } else if (byte < 0x80) {
      out += text[at++];
    } else {
      std::size_t size = 1;
      while (at + size < text.size() && (static_cast<unsigned char>(text[at + size]) & 0xc0) == 0x80) ++size;
      if (!is_valid_utf8(text.substr(at, size)) || is_c1(text, at)) {
        for (const char bad : text.substr(at, size)) {
          fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(bad));
        }
      } else {
        out.append(text.substr(at, size));
      }
      at += size;
    }
  }
}

void append_value(std::string& out, const Field& field) {
  const std::string_view text = field.text();
  if (!field.quoted() || (!text.empty() && text.find_first_of(" \t\r\n\"\\=") == std::string_view::npos)) {
    append_escaped(out, text, false);
    return;
  }
  out += '"';
  append_escaped(out, text, true);
  out += '"';
}

void append_json_text(std::string& out, std::string_view text) {
  std::string clean;
  append_repaired_utf8(clean, text);
  out += '"';
  for (const char character : clean) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte == '"' || byte == '\\') {
      out += '\\';
      out += character;
    } else if (is_control(byte)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else {
      out += character;
    }
  }
  out += '"';
}

}  // namespace

std::string format_text(const Line& line) {
  std::string out;
  append_time(out, line.time);
  for (const std::string_view part : {line.level, line.room, line.message}) {
    out += ' ';
    append_escaped(out, part, false);
  }
  for (const Field& field : line.fields) {
    out += ' ';
    append_escaped(out, field.key(), false);
    out += '=';
    append_value(out, field);
  }
  return out;
}

std::string format_json(const Line& line) {
  std::string out = "{\"time\":\"";
  append_time(out, line.time);
  out += "\",\"level\":";
  append_json_text(out, line.level);
  out += ",\"room\":";
  append_json_text(out, line.room);
  out += ",\"message\":";
  append_json_text(out, line.message);
  for (const Field& field : line.fields) {
    out += ',';
    append_json_text(out, field.key());
    out += ':';
    if (field.quoted()) {
      append_json_text(out, field.text());
    } else {
      out.append(field.text());
    }
  }
  out += '}';
  return out;
}

}  // namespace penstock::log
