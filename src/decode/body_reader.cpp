#include "decode/body_reader.hpp"

#include <algorithm>

#include "base/unicode.hpp"
#include "decode/value_extent.hpp"

namespace penstock::decode {
namespace {

constexpr std::string_view kRecordSeparators("\0\x1E", 2);
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
  const std::size_t at = skip_between(body_, 0);
  if (at < body_.size()) {
    if (body_[at] == '[') {
      array(at + 1);
    } else if (sequence_ = body_.substr(0, at).find_first_of(kRecordSeparators) != std::string_view::npos; sequence_) {
      array(at);
    } else {
      lines(at);
    }
  }
  if (index_ == 0) {
    return Error{ErrorCode::nothing_accepted, "The body holds no records: send an object, an array of objects, or one object a line.", ""};
  }
  return {};
}

bool BodyReader::alone(std::size_t begin, std::size_t end, SyntaxError& error, Count count) {
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
    if (values(text, at, count)) return true;
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

bool BodyReader::values(std::string_view text, TokenCursor& at, Count count) {
  const auto until = count == Count::one ? RecordReader::Until::limit : RecordReader::Until::next_record;
  at.skip_between_records();
  while (!at.done()) {
    if (at.peek() == '{') {
      if (!records_.read(text, at, index_, until)) return false;
    } else {
      bool too_deep = false;
      if (!at.skip(options_.max_depth, too_deep)) return false;
      if (!at.done()) return at.fail("nothing more on this line");
      records_.reject_type(index_);
    }
    ++index_;
    at.skip_between_records();
    if (at.peek() == ',') at.advance();
    at.skip_between_records();
  }
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
