#include "auth/common_passwords.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/ascii.hpp"

namespace penstock::auth {
namespace {

// In lower case, as plain() leaves them.
constexpr std::array<std::string_view, 62> kWords = {
    "abcabc",   "admin",    "administrator", "anthony",  "asdfasdf", "asdfgh",  "asdfghjkl", "ashley",    "bailey",   "baseball", "basketball",
    "batman",   "changeme", "charlie",       "chocolate", "computer", "daniel",  "default",   "donald",    "dragon",   "football", "freedom",
    "guest",    "hello",    "iloveyou",      "internet", "jennifer", "jessica", "jordan",    "letmein",   "login",    "lovely",   "master",
    "michael",  "michelle", "monkey",        "mustang",  "nicole",   "operator", "passphrase", "password", "passwort", "penstock", "pokemon",
    "postgres", "princess", "qazwsx",        "qwerty",   "qwertyuiop", "root",  "samsung",   "secret",    "server",   "shadow",   "starwars",
    "sunshine", "superman", "test",          "trustno",  "welcome",  "whatever", "zxcvbnm"};

// Each is walked in both directions, and from its end on at its beginning.
constexpr std::array<std::string_view, 6> kRuns = {"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm",
                                                   "azertyuiopqsdfghjklmwxcvbn", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p"};
constexpr std::string_view kZigzag = "1q2w3e4r5t6y7u8i9o0pq1w2e3r4t5y6u7i8o9p0";

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), to_lower);
  return out;
}

// What stands between the first and the last letter, without what is a letter only to the eye.
std::string plain(std::string_view text, std::string_view look_alikes) {
  constexpr std::string_view kLetters = "oieastasi";
  std::string out;
  for (const char c : text) {
    const std::size_t at = look_alikes.find(c);
    if (at != std::string_view::npos) out += kLetters[at];
    else out += c;
  }
  while (!out.empty() && !is_letter(out.back())) out.pop_back();
  out.erase(out.begin(), std::find_if(out.begin(), out.end(), is_letter));
  return out;
}

// "secretsecret" is the word twice.
bool repeats(std::string_view text, std::string_view word) {
  if (word.size() < 4) return false;
  while (text.starts_with(word)) text.remove_prefix(word.size());
  return text.empty();
}

bool is_word(const std::string& text, std::string_view user) {
  if (text.empty()) return false;
  const std::string name = lower(user), before_at = name.substr(0, name.find('@'));
  if (text == name || text == before_at || repeats(text, before_at)) return true;
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) { return repeats(text, word); });
}

// Pieces of three keys or more that go on along a run: "12345qwert" is two of them.
bool is_run(std::string_view text) {
  const auto along = [](std::string_view piece) {
    const auto in = [&](std::string_view run) {
      const std::string twice = std::string(run) + std::string(run), back(twice.rbegin(), twice.rend());
      return twice.find(piece) != std::string::npos || back.find(piece) != std::string::npos;
    };
    return in(kZigzag) || std::any_of(kRuns.begin(), kRuns.end(), in);
  };
  while (!text.empty()) {
    std::size_t length = std::min<std::size_t>(text.size(), 3);
    if (!along(text.substr(0, length))) return false;
    while (length < text.size() && along(text.substr(0, length + 1))) ++length;
    if (length < 3 && text.size() >= 3) return false;
    text.remove_prefix(length);
  }
  return true;
}

// "abcabcabcabc", "1212121212".
bool is_repetition(std::string_view text) {
  for (std::size_t period = 1; period <= 4 && period * 2 <= text.size(); ++period) {
    if (text.substr(period) == text.substr(0, text.size() - period)) return true;
  }
  return false;
}

}  // namespace

bool is_common_password(std::string_view password, std::string_view user) {
  const std::string text = lower(password);
  if (is_repetition(text) || is_run(text)) return true;
  // Digits behind a word are a number as often as letters: both readings are looked at.
  return is_word(text, user) || is_word(plain(text, ""), user) || is_word(plain(text, "013457@$!"), user) ||
         is_word(plain(text.substr(0, text.find_last_not_of("0123456789.,;:!?#*+-_/$@") + 1), "013457@$!"), user);
}

}  // namespace penstock::auth
