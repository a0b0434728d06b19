#include "decode/body_reader.hpp"

#include <algorithm>

#include "base/unicode.hpp"
#include "decode/value_extent.hpp"

namespace penstock::decode {
namespace {

constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

// How many bytes at the front of `text`, which is not clean there, one replacement stands for.
std::size_t replaced_bytes(std::string_view text) {
  std::size_t count = 1;
  for (std::string repaired; count < text.size() && count < 3; ++count) {
    repaired.clear();
    append_repaired_utf8(repaired, text.substr(0, count + 1));
    if (repaired != kReplacementCharacter) break;
  }
  return count;
}

// The place in `text` of what stands at `offset` of its repaired form.
std::size_t before_repair(std::string_view text, std::size_t offset) {
  std::size_t at = 0;
  for (std::size_t repaired = 0;;) {
    const std::size_t clean = clean_utf8_prefix(text.substr(at));
    if (repaired + clean >= offset) return at + offset - repaired;
    at += clean;
    if (at == text.size()) return at;
    at += replaced_bytes(text.substr(at));
    repaired += clean + kReplacementCharacter.size();
    if (repaired > offset) return at;
  }
}

SyntaxError open_string(std::string_view text) {
  const std::size_t backslash = stray_backslash(text);
  if (backslash != std::string_view::npos) return {"no backslash outside of quotes", backslash, false};
  return {"a closing quote", text.size(), true};
}

}  // namespace

Result<void> BodyReader::read() {
  std::size_t at = body_.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  at = skip_space(body_, at);
  if (at < body_.size()) {
    if (body_[at] == '[') {
      array(at + 1);
    } else {
      lines(at);
    }
  }
  if (index_ == 0) {
    return Error{ErrorCode::nothing_accepted, "The body holds no records: send an object, an array of objects, or one object a line.", ""};
  }
  return {};
}

bool BodyReader::alone(std::size_t begin, std::size_t end, SyntaxError& error) {
  const std::string_view original = body_.substr(begin, end - begin);
  std::string_view text = original;
  IndexStatus status = index(text);
  const bool repair = status == IndexStatus::bad_utf8 || status == IndexStatus::bad_character;
  if (repair) {
    workspace_.repaired.clear();
    append_repaired_utf8(workspace_.repaired, text);
    text = workspace_.repaired;
    status = index(text);
  }
  if (status == IndexStatus::ok) {
    TokenCursor at = cursor(text);
    if (one_value(text, at)) return true;
    error = {at.expected(), at.error_position(), at.ran_out()};
  } else if (status == IndexStatus::open_string) {
    error = open_string(text);
  } else {
    error = {"a JSON object", 0, false};
  }
  if (repair) error.offset = before_repair(original, error.offset);
  return false;
}

IndexStatus BodyReader::index(std::string_view text) {
  const IndexStatus status = workspace_.index.build(text);
  return status == IndexStatus::bad_character ? workspace_.index.build_with_controls(text) : status;
}

bool BodyReader::one_value(std::string_view text, TokenCursor& at) {
  if (at.peek() == '{') {
    if (!records_.read(text, at, index_, true)) return false;
  } else {
    bool too_deep = false;
    if (!at.skip(options_.max_depth, too_deep)) return false;
    if (!at.done()) return at.fail("nothing more on this line");
    records_.reject_type(index_);
  }
  ++index_;
  return true;
}

void BodyReader::reject_syntax(std::string_view expected, std::size_t offset, std::string_view note) {
  std::string message = "This is not valid JSON: expected ";
  message += expected;
  message += " at byte ";
  message += std::to_string(offset);
  message += " of the body.";
  message += note;
  records_.reject(index_++, {ErrorCode::invalid_json, std::move(message), ""});
}

void BodyReader::reject_size(std::size_t bytes) {
  records_.reject(index_++, {ErrorCode::record_too_large, "The record has " + std::to_string(bytes) + " bytes; the limit is " +
                                                              std::to_string(options_.max_record_bytes) + ".", ""});
}

}  // namespace penstock::decode
