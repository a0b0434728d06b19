#include "decode/body_reader.hpp"

#include <algorithm>

#include "base/unicode.hpp"
#include "decode/value_extent.hpp"

namespace penstock::decode {

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
  std::string_view text = body_.substr(begin, end - begin);
  IndexStatus status = workspace_.index.build(text);
  const bool nul = status == IndexStatus::bad_character && text.find('\0') != std::string_view::npos;
  if (status == IndexStatus::bad_utf8 || nul) {
    workspace_.repaired.clear();
    append_repaired_utf8(workspace_.repaired, text);
    text = workspace_.repaired;
    status = workspace_.index.build(text);
  }
  switch (status) {
    case IndexStatus::ok: break;
    case IndexStatus::bad_character:
      error = {"control characters in texts as escapes (\\n, \\t)", 0, false};
      return false;
    case IndexStatus::open_string: error = {"a closing quote", text.size(), true}; return false;
    default: error = {"a JSON object", 0, false}; return false;
  }
  TokenCursor at = cursor(text);
  if (one_value(text, at)) return true;
  error = {at.expected(), at.error_position(), at.ran_out()};
  return false;
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

void BodyReader::reject_syntax(std::string_view expected, std::size_t offset) {
  std::string message = "This is not valid JSON: expected ";
  message += expected;
  message += " at byte ";
  message += std::to_string(offset);
  message += " of the body.";
  records_.reject(index_++, {ErrorCode::invalid_json, std::move(message), ""});
}

void BodyReader::reject_size(std::size_t bytes) {
  records_.reject(index_++, {ErrorCode::record_too_large, "The record has " + std::to_string(bytes) + " bytes; the limit is " +
                                                              std::to_string(options_.max_record_bytes) + ".", ""});
}

}  // namespace penstock::decode
