#include "decode/charset.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "decode/put_utf8.hpp"

namespace penstock::decode {
namespace {

constexpr std::uint32_t kNoCharacter = 0xFFFD;

// Windows-1252 from 0x80 to 0x9F; five have no character there and keep their number.
constexpr std::array<std::uint16_t, 32> kWindows = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
                                                    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
                                                    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// The value of the parameter `charset`, in lower case.
std::string declared(std::string_view content_type) {
  std::string text(content_type);
  std::transform(text.begin(), text.end(), text.begin(), lower);
  constexpr std::string_view kName = "charset=";
  const std::size_t at = text.find(kName);
  if (at == std::string::npos) return "";
  std::string value = text.substr(at + kName.size());
  value.erase(std::remove(value.begin(), value.end(), '"'), value.end());
  return value.substr(0, value.find_first_of("; ,"));
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void append(std::string& out, std::uint32_t code) {
  std::array<char, 4> bytes;
  out.append(bytes.data(), static_cast<std::size_t>(put_utf8(bytes.data(), code) - bytes.data()));
}

std::string from_latin1(std::string_view body) {
  std::string out;
  out.reserve(body.size() + body.size() / 8);
  for (const char c : body) {
    const auto byte = static_cast<unsigned char>(c);
    append(out, byte >= 0x80 && byte < 0xA0 ? kWindows[byte - std::size_t{0x80}] : byte);
  }
  return out;
}

std::string from_utf16(std::string_view body, bool little) {
  std::string out;
  out.reserve(body.size() / 2 + 16);
  const auto unit = [&](std::size_t at) {
    const auto first = static_cast<unsigned char>(body[at]), second = static_cast<unsigned char>(body[at + 1]);
    return static_cast<std::uint32_t>(little ? first | second << 8 : first << 8 | second);
  };
  std::size_t at = 0;
  if (body.size() >= 2 && unit(0) == 0xFEFF) at = 2;
  for (; at + 1 < body.size(); at += 2) {
    std::uint32_t code = unit(at);
    if (code >= 0xD800 && code < 0xE000) {
      const std::uint32_t low = code < 0xDC00 && at + 3 < body.size() ? unit(at + 2) : 0;
      if (low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        at += 2;
      } else {
        code = kNoCharacter;
      }
    }
    append(out, code);
  }
  if (at < body.size()) append(out, kNoCharacter);
  return out;
}

}  // namespace

Charset charset_of(std::string_view body, std::string_view content_type) {
  if (body.starts_with("\xFF\xFE")) return Charset::utf16_little;
  if (body.starts_with("\xFE\xFF")) return Charset::utf16_big;
  if (body.starts_with("\xEF\xBB\xBF")) return Charset::utf8;
  if (body.size() >= 2 && (body[0] == '{' || body[0] == '[') && body[1] == '\0') return Charset::utf16_little;
  if (body.size() >= 2 && body[0] == '\0' && (body[1] == '{' || body[1] == '[')) {
    // A NUL before the first object is a separator, unless each character comes with one.
    if (body.size() >= 4 && body[2] == '\0') return Charset::utf16_big;
  }
  const std::string charset = declared(content_type);
  if (charset == "utf-16le") return Charset::utf16_little;
  if (charset == "utf-16be") return Charset::utf16_big;
  constexpr std::array<std::string_view, 6> kLatin1 = {"iso-8859-1", "latin1", "latin-1", "iso8859-1", "windows-1252", "cp1252"};
  const bool latin1 = std::find(kLatin1.begin(), kLatin1.end(), charset) != kLatin1.end();
  return latin1 && !is_ascii(body) ? Charset::latin1 : Charset::utf8;
}

std::size_t most_utf8_bytes(std::string_view body, Charset charset) {
  switch (charset) {
    case Charset::utf8: break;
    case Charset::latin1:
      return body.size() + 2 * static_cast<std::size_t>(std::count_if(body.begin(), body.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }));
    case Charset::utf16_little:
    case Charset::utf16_big: return body.size() / 2 * 3 + 3;
  }
  return body.size();
}

std::string to_utf8(std::string_view body, Charset charset) {
  switch (charset) {
    case Charset::utf8: break;
    case Charset::latin1: return from_latin1(body);
    case Charset::utf16_little: return from_utf16(body, true);
    case Charset::utf16_big: return from_utf16(body, false);
  }
  return std::string(body);
}

}  // namespace penstock::decode
