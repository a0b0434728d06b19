#include "auth/password.hpp"

#include <array>
#include <charconv>
#include <optional>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "auth/common_passwords.hpp"
#include "base/base64.hpp"

namespace penstock::auth {
namespace {

constexpr std::size_t kSaltBytes = 16, kKeyBytes = 32;
// A hash may not ask for more than these: whoever can write the table must not be able to stop the server by it.
constexpr unsigned kMostLogN = 18, kMostR = 16, kMostP = 16;
constexpr std::string_view kScheme = "$scrypt$";

using Key = std::array<unsigned char, kKeyBytes>;

struct ParsedHash {
  ScryptCost cost;
  std::string salt, key;
};

bool derive(std::string_view password, std::string_view salt, const ScryptCost& cost, Key& key) {
  // OpenSSL refuses what needs more than it is told; a little more than the algorithm's own blocks.
  const std::uint64_t at_most = (std::uint64_t{128} * cost.r << cost.log_n) + std::uint64_t{256} * cost.r * cost.p + (1u << 20);
  return EVP_PBE_scrypt(password.data(), password.size(), reinterpret_cast<const unsigned char*>(salt.data()), salt.size(), std::uint64_t{1} << cost.log_n,
                        cost.r, cost.p, at_most, key.data(), key.size()) == 1;
}

std::string cost_text(const ScryptCost& cost) {
  return "ln=" + std::to_string(cost.log_n) + ",r=" + std::to_string(cost.r) + ",p=" + std::to_string(cost.p);
}

// "ln=14": takes it off the front.
bool take_number(std::string_view& text, std::string_view name, unsigned most, unsigned& number) {
  if (!text.starts_with(name)) return false;
  text.remove_prefix(name.size());
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || number == 0 || number > most) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

std::optional<ParsedHash> parse_hash(std::string_view hash) {
  if (!hash.starts_with(kScheme)) return std::nullopt;
  hash.remove_prefix(kScheme.size());
  ParsedHash parsed;
  if (!take_number(hash, "ln=", kMostLogN, parsed.cost.log_n) || !take_number(hash, ",r=", kMostR, parsed.cost.r) ||
      !take_number(hash, ",p=", kMostP, parsed.cost.p) || !hash.starts_with('$')) {
    return std::nullopt;
  }
  const std::size_t second = hash.find('$', 1);
  if (second == std::string_view::npos) return std::nullopt;
  auto salt = from_base64url(hash.substr(1, second - 1));
  auto key = from_base64url(hash.substr(second + 1));
  if (!salt || !key || salt->empty() || key->size() != kKeyBytes) return std::nullopt;
  parsed.salt = std::move(*salt);
  parsed.key = std::move(*key);
  return parsed;
}

}  // namespace

Result<std::string> hash_password(std::string_view password, const ScryptCost& cost) {
  std::array<unsigned char, kSaltBytes> random{};
  Key key{};
  const std::string_view salt(reinterpret_cast<const char*>(random.data()), random.size());
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1 || !derive(password, salt, cost, key)) {
    return Error{ErrorCode::internal, "The password cannot be hashed: there is too little memory, or OpenSSL lacks scrypt.", ""};
  }
  return std::string(kScheme) + cost_text(cost) + '$' + to_base64url(salt) + '$' +
         to_base64url({reinterpret_cast<const char*>(key.data()), key.size()});
}

PasswordCheck check_password(std::string_view password, std::string_view hash, const ScryptCost& usual) {
  const auto parsed = parse_hash(hash);
  Key key{};
  const bool derived = derive(password, parsed ? std::string_view(parsed->salt) : "no account: salt", parsed ? parsed->cost : usual, key);
  if (!derived || !parsed) return {};
  const bool right = CRYPTO_memcmp(key.data(), parsed->key.data(), key.size()) == 0;
  return {right, right && parsed->cost != usual};
}

Result<void> check_new_password(std::string_view password, std::string_view user) {
  const auto wrong = [](std::string message) { return Error{ErrorCode::invalid_request, std::move(message), "password"}; };
  if (password.size() < kShortestPassword) return wrong("A password has at least 10 characters; several words are easy to remember.");
  if (password.size() > kLongestPassword) return wrong("A password has at most 1024 bytes.");
  if (password.find_first_not_of(password.front()) == std::string_view::npos) return wrong("A password of one character again and again is guessed at once.");
  if (is_common_password(password, user)) {
    return wrong("This password is among the first that are tried (a common word, the user's name, a run of keys): take several words that do not belong together.");
  }
  return {};
}

}  // namespace penstock::auth
