// An array of objects.
#include <algorithm>

#include "decode/body_reader.hpp"
#include "decode/value_extent.hpp"

namespace penstock::decode {

void BodyReader::array(std::size_t at) {
  bool after_value = false;
  for (;;) {
    at = skip_space(body_, at);
    if (at == body_.size()) return reject_syntax(after_value ? "a comma or ]" : "a record or ]", at);
    if (after_value && body_[at] == ',') {
      after_value = false;
      at = skip_space(body_, at + 1);
      if (at < body_.size() && body_[at] == ']') return reject_syntax("a record after the comma", at);
      continue;
    }
    if (body_[at] == ']') {
      at = skip_space(body_, at + 1);
      if (at != body_.size()) reject_syntax("nothing after the array", at);
      return;
    }
    if (after_value) return reject_syntax("a comma or ]", at);
    if (at < one_by_one_) {
      if (single_of_array(at) == Step::stop) return;
      after_value = true;
    } else if (window_of_array(at, after_value) == Step::stop) {
      return;
    }
  }
}

std::size_t BodyReader::window_end(std::size_t begin) const {
  if (body_.size() - begin <= window_ + window_ / 2) return body_.size();
  const std::size_t brace = body_.rfind('}', begin + window_);
  if (brace != std::string_view::npos && brace > begin) return brace + 1;
  const std::size_t later = body_.find('}', begin + window_);
  return later == std::string_view::npos ? body_.size() : later + 1;
}

IndexStatus BodyReader::index_window(std::size_t begin, std::size_t& end) {
  IndexStatus status = workspace_.index.build(body_.substr(begin, end - begin));
  // The brace lay inside a string: cut after that string instead.
  for (int attempt = 0; attempt < 4 && status == IndexStatus::open_string && end < body_.size(); ++attempt) {
    const std::size_t quote = body_.find('"', end);
    if (quote == std::string_view::npos) break;
    end = quote + 1;
    status = workspace_.index.build(body_.substr(begin, end - begin));
  }
  return status;
}

BodyReader::Step BodyReader::window_of_array(std::size_t& at, bool& after_value) {
  const std::size_t begin = at;
  std::size_t end = window_end(begin);
  const std::size_t most = std::max(kWindow * 2, options_.max_record_bytes + kWindow);
  if (end - begin > most || index_window(begin, end) != IndexStatus::ok) {
    one_by_one_ = std::min(end, begin + most);
    return Step::go_on;
  }
  const std::string_view text = body_.substr(begin, end - begin);
  TokenCursor tokens = cursor(text);
  for (;;) {
    const std::size_t record = begin + tokens.position();
    bool read = false;
    bool too_deep = false;
    const bool object = tokens.peek() == '{';
    if (object) {
      read = records_.read(text, tokens, index_, false);
    } else {
      read = tokens.skip(options_.max_depth, too_deep);
    }
    if (!read) {
      if (!tokens.ran_out() || end == body_.size()) {
        reject_syntax(tokens.expected(), begin + tokens.error_position());
        return Step::stop;
      }
      if (record == begin) window_ *= 2;  // not even one record fits
      at = record;
      return Step::go_on;
    }
    if (!object) records_.reject_type(index_);
    ++index_;
    window_ = kWindow;
    if (tokens.peek() != ',') {
      after_value = true;
      at = begin + tokens.position();
      return Step::go_on;
    }
    tokens.advance();
    if (tokens.done() || tokens.peek() == ']') {
      // The comma again, for array() to judge what follows it.
      after_value = true;
      at = body_.rfind(',', begin + tokens.position() - 1);
      return Step::go_on;
    }
  }
}

BodyReader::Step BodyReader::single_of_array(std::size_t& at) {
  const std::size_t end = value_end(body_, at);
  if (end == std::string_view::npos) {
    reject_syntax("the end of this record", at);
    return Step::stop;
  }
  if (end - at > options_.max_record_bytes) {
    reject_size(end - at);
  } else {
    SyntaxError error;
    if (!alone(at, end, error)) {
      reject_syntax(error.expected, at + error.offset);
      return Step::stop;
    }
  }
  at = end;
  return Step::go_on;
}

}  // namespace penstock::decode
