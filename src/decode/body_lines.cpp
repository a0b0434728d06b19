// One object a line, or an object over several lines.
#include <algorithm>

#include "decode/body_reader.hpp"
#include "decode/value_extent.hpp"

namespace penstock::decode {

void BodyReader::lines(std::size_t at) {
  bool one_a_line = false;
  while (at < body_.size()) {
    if (one_a_line) {
      at = window_of_lines(at);
      continue;
    }
    const std::size_t begin = skip_space(body_, at);
    if (begin == body_.size()) break;
    at = first_line(begin, std::min(body_.find('\n', begin), body_.size()), one_a_line);
  }
}

std::size_t BodyReader::first_line(std::size_t begin, std::size_t end, bool& one_a_line) {
  if (end - begin > options_.max_record_bytes) {
    reject_size(end - begin);
    return end;
  }
  SyntaxError error;
  if (alone(begin, end, error)) {
    one_a_line = true;
    return end;
  }
  if (error.ran_out && body_[begin] == '{') {
    const std::size_t object_end = object_end_over_lines(body_, begin, search_left_);
    if (object_end != std::string_view::npos && object_end > end) {
      if (object_end - begin > options_.max_record_bytes) {
        reject_size(object_end - begin);
      } else if (!alone(begin, object_end, error)) {
        reject_syntax(error.expected, begin + error.offset);
      }
      return object_end;
    }
  }
  reject_syntax(error.expected, begin + error.offset);
  return end;
}

std::size_t BodyReader::window_of_lines(std::size_t begin) {
  std::size_t end = body_.size();
  if (end - begin > kWindow) {
    end = body_.rfind('\n', begin + kWindow);
    if (end == std::string_view::npos || end <= begin) end = std::min(body_.find('\n', begin + 1), body_.size());
  }
  const std::string_view text = body_.substr(begin, end - begin);
  // A window longer than kWindow is one line.
  const bool fits = text.size() <= std::max(kWindow, options_.max_record_bytes);
  const bool indexed = fits && workspace_.index.build(text) == IndexStatus::ok;
  TokenCursor at = cursor(text);  // not looked at unless indexed
  for (std::size_t line = begin; line < end;) {
    const std::size_t line_end = std::min(body_.find('\n', line), end);
    if (!indexed) {
      whole_line(line, line_end);
    } else {
      at.set_limit(line_end - begin);
      at.skip_to(line - begin);
      if (!at.done() && !one_value(text, at)) reject_syntax(at.expected(), begin + at.error_position());
    }
    line = line_end + 1;
  }
  return end + 1;
}

void BodyReader::whole_line(std::size_t begin, std::size_t end) {
  begin = skip_space(body_, begin);
  if (begin >= end) return;
  if (end - begin > options_.max_record_bytes) {
    reject_size(end - begin);
    return;
  }
  SyntaxError error;
  if (!alone(begin, end, error)) reject_syntax(error.expected, begin + error.offset);
}

}  // namespace penstock::decode
