// An array of objects. Valid ones are read in windows; where something is wrong, one by one, so that it costs only itself.
#include <algorithm>

#include "decode/body_reader.hpp"
#include "decode/broken_extent.hpp"
#include "decode/value_extent.hpp"

namespace penstock::decode {
namespace {

constexpr std::string_view kNotRead = " What follows in the body was not read.";

}  // namespace

void BodyReader::array(std::size_t at) {
  for (Step step = Step::go_on; step == Step::go_on;) {
    at = skip_between(body_, at);
    if (at == body_.size()) {
      if (!closed_ && !sequence_) reject_syntax(place_ == Place::after_value ? "a comma or ]" : "a record or ]", at);
      return;
    }
    const char c = body_[at];
    if (c == ']' && sequence_) {
      reject_syntax("a record", at++);
      place_ = Place::after_value;
    } else if (c == ']') {
      step = end_of_array(at);
    } else if (c == ',') {
      if (place_ != Place::after_value) reject_syntax("a record", at);
      place_ = Place::after_comma;
      ++at;
    } else if (place_ == Place::after_value && c != '{') {
      step = junk_of_array(at, sequence_ ? "a record" : "a comma or ]");
    } else if (at < one_by_one_) {
      step = single_of_array(at);
    } else {
      window_of_array(at);
    }
  }
}

BodyReader::Step BodyReader::end_of_array(std::size_t& at) {
  if (place_ == Place::after_comma) reject_syntax("a record after the comma", at);
  place_ = Place::after_value;
  closed_ = true;
  at = skip_between(body_, at + 1);
  if (at == body_.size()) return Step::stop;
  if (!ends_element(body_, at) && body_[at] != '[') return junk_of_array(at, "nothing after the array");
  reject_syntax("nothing after the array", at);
  if (body_[at] == '[') {
    place_ = Place::start;
    closed_ = false;
    ++at;
  }
  return Step::go_on;
}

BodyReader::Step BodyReader::junk_of_array(std::size_t& at, std::string_view expected) {
  const std::size_t end = element_end(body_, at);
  const bool open = end == std::string_view::npos;
  reject_syntax(expected, at, open ? kNotRead : "");
  at = end;
  return open ? Step::stop : Step::go_on;
}

std::size_t BodyReader::window_end(std::size_t begin, std::size_t most) const {
  if (body_.size() - begin <= window_ + window_ / 2) return body_.size();
  const std::size_t brace = body_.substr(begin, window_ + 1).rfind('}');
  if (brace != std::string_view::npos && brace > 0) return begin + brace + 1;
  const std::size_t later = body_.substr(begin, most + 1).find('}', window_);
  return later == std::string_view::npos ? body_.size() : begin + later + 1;
}

IndexStatus BodyReader::index_window(std::size_t begin, std::size_t& end, std::size_t most) {
  IndexStatus status = index(body_.substr(begin, end - begin));
  // The brace lay inside a string: cut after that string instead.
  for (int attempt = 0; attempt < 4 && status == IndexStatus::open_string && end < body_.size(); ++attempt) {
    const std::size_t quote = body_.substr(begin, most).find('"', end - begin);
    if (quote == std::string_view::npos) break;
    end = begin + quote + 1;
    status = index(body_.substr(begin, end - begin));
  }
  return status;
}

void BodyReader::window_of_array(std::size_t& at) {
  const std::size_t begin = at;
  const std::size_t most = std::max(kWindow * 2, options_.max_record_bytes + kWindow);
  std::size_t end = window_end(begin, most);
  if (end - begin > most || index_window(begin, end, most) != IndexStatus::ok) {
    one_by_one_ = std::min(end, begin + most);
    return;
  }
  const std::string_view text = body_.substr(begin, end - begin);
  TokenCursor tokens = cursor(text);
  for (;;) {
    const std::size_t record = begin + tokens.position();
    if (!element_of_window(text, tokens, begin)) {
      if (!tokens.ran_out() || end == body_.size()) {
        one_by_one_ = end;
      } else if (record == begin) {
        window_ *= 2;  // not even one record fits
      }
      at = record;
      return;
    }
    window_ = kWindow;
    place_ = Place::after_value;
    tokens.skip_between_records();
    if (tokens.peek() == '{') continue;  // the comma was forgotten
    if (tokens.peek() != ',') {
      // What may follow is not worth a window each.
      if (!tokens.done()) one_by_one_ = end;
      at = begin + tokens.position();
      return;
    }
    tokens.advance();
    if (tokens.done() || tokens.peek() == ']') {
      if (!tokens.done()) one_by_one_ = end;
      // The comma again, for array() to judge what follows it.
      at = body_.rfind(',', begin + tokens.position() - 1);
      return;
    }
    place_ = Place::after_comma;
  }
}

bool BodyReader::element_of_window(std::string_view text, TokenCursor& tokens, std::size_t begin) {
  if (tokens.peek() == '{') {
    if (!records_.read(text, tokens, index_, RecordReader::Until::anywhere)) return false;
  } else {
    bool too_deep = false;
    if (!tokens.skip(options_.max_depth, too_deep) || !ends_element(body_, begin + tokens.position())) return false;
    records_.reject_type(index_);
  }
  ++index_;
  return true;
}

BodyReader::Step BodyReader::single_of_array(std::size_t& at) {
  window_ = kWindow;
  const std::size_t end = value_end(body_, at);
  SyntaxError error;
  if (end != std::string_view::npos && (body_[at] == '{' || ends_element(body_, end))) {
    const bool fits = end - at <= options_.max_record_bytes;
    if (!fits) reject_size(end - at);
    if (!fits || alone(at, end, error)) {
      place_ = Place::after_value;
      at = end;
      return Step::go_on;
    }
  }
  return broken_of_array(at, std::move(error));
}

BodyReader::Step BodyReader::broken_of_array(std::size_t& at, SyntaxError error) {
  const std::size_t end = broken_end(body_, at);
  if (end == std::string_view::npos) {
    reject_syntax("a closing quote or bracket for the record that starts", at, kNotRead);
    return Step::stop;
  }
  if (end - at > options_.max_record_bytes) {
    reject_size(end - at);
  } else {
    if (error.expected.empty()) {
      // No value at all, or an object whose brackets do not match: where, its reading tells.
      error.expected = "a record";
      if (body_[at] == '{') alone(at, end, error);
    }
    reject_syntax(error.expected, at + error.offset);
  }
  place_ = Place::after_value;
  at = end;
  return Step::go_on;
}

}  // namespace penstock::decode
