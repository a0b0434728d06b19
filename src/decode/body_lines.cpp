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
    std::size_t begin = skip_between(body_, at);
    if (index_ > 0 && begin < body_.size() && body_[begin] == ',') begin = skip_between(body_, begin + 1);
    if (begin == body_.size()) break;
    at = first_line(begin, std::min(body_.find('\n', begin), body_.size()), one_a_line);
  }
}

std::size_t BodyReader::first_line(std::size_t begin, std::size_t end, bool& one_a_line) {
  SyntaxError error;
  const bool fits = end - begin <= options_.max_record_bytes;
  if (fits && alone(begin, end, error)) {
    one_a_line = true;
    return end;
  }
  // What else a body may be is only asked of one that does not begin with a line which is a record.
  if (index_ == 0 && body_[begin] == '{') {
    if (const std::size_t next = first_object(begin); next != std::string_view::npos) return next;
  }
  if (!fits) {
    reject_size(end - begin);
    return end;
  }
  if (!error.ran_out && alone(begin, end, error, Count::several)) return end;
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

std::size_t BodyReader::first_object(std::size_t begin) {
  const std::size_t end = value_end(body_, begin);
  if (end == std::string_view::npos) return end;
  const std::size_t next = skip_between(body_, end);
  const std::string_view between = body_.substr(end, next - end);
  SyntaxError error;
  if (next == body_.size()) {
    return end - begin <= options_.max_record_bytes && alone(begin, end, error) ? next : std::string_view::npos;
  }
  const bool separated = between.find_first_of(std::string_view("\0\x1E", 2)) != std::string_view::npos;
  const std::size_t after = body_[next] == ',' ? skip_between(body_, next + 1) : body_.size();
  const bool comma = body_[next] == ',' && (after == body_.size() || body_[after] == '{');
  if ((body_[next] != '{' && !comma) || (!comma && !separated && between.find('\n') != std::string_view::npos)) return std::string_view::npos;
  sequence_ = true;
  array(begin);
  return body_.size();
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
      if (!at.done() && !values(text, at, Count::several)) reject_syntax(at.expected(), begin + at.error_position());
    }
    line = line_end + 1;
  }
  return end + 1;
}

void BodyReader::whole_line(std::size_t begin, std::size_t end) {
  begin = skip_between(body_, begin);
  if (begin >= end) return;
  if (end - begin > options_.max_record_bytes) {
    reject_size(end - begin);
    return;
  }
  SyntaxError error;
  if (!alone(begin, end, error, Count::several)) reject_syntax(error.expected, begin + error.offset);
}

}  // namespace penstock::decode
