// Finds the records of a body and has each read on its own.
#pragma once

#include <string>
#include <string_view>

#include "decode/record_reader.hpp"
#include "decode/workspace.hpp"
#include "penstock/ports/decoder.hpp"

namespace penstock::decode {

// What keeps a text from being JSON.
struct SyntaxError {
  std::string expected;
  std::size_t offset = 0;  // in the text
  bool ran_out = false;    // more text could mend it
};

// Reads the records of one body. Records are looked at in windows of kWindow bytes, so that memory does not follow the body.
class BodyReader {
 public:
  static constexpr std::size_t kWindow = 32 << 10;

  BodyReader(std::string_view body, const DecodeOptions& options, Workspace& workspace, RecordReader& records)
      : body_(body), options_(options), workspace_(workspace), records_(records), search_left_(body.size() * 4) {}

  // nothing_accepted when the body holds no records at all.
  Result<void> read();

 private:
  enum class Step { go_on, stop };
  enum class Place { start, after_value, after_comma };  // in an array

  void lines(std::size_t at);
  std::size_t first_line(std::size_t begin, std::size_t end, bool& one_a_line);
  // The body's first object, which is not the whole of its line: is all of the body, or others follow it without a line end. npos: neither.
  std::size_t first_object(std::size_t begin);
  std::size_t window_of_lines(std::size_t begin);
  void whole_line(std::size_t begin, std::size_t end);

  // The elements of an array, or records that follow each other without one (sequence_).
  void array(std::size_t at);
  // At a ']'. What follows it is told, and its records are read.
  Step end_of_array(std::size_t& at);
  // Rejects what is no element.
  Step junk_of_array(std::size_t& at, std::string_view expected);
  // Reads records up to the first that is broken, which is left to single_of_array() with those after it in the window.
  void window_of_array(std::size_t& at);
  // False: broken, or more than the window; nothing was told of it.
  bool element_of_window(std::string_view text, TokenCursor& tokens, std::size_t begin);
  Step single_of_array(std::size_t& at);
  // Rejects an element; without an error known, looks for it.
  Step broken_of_array(std::size_t& at, SyntaxError error);
  // Cuts after a '}', so that neither names, numbers nor characters are torn.
  std::size_t window_end(std::size_t begin, std::size_t most) const;
  IndexStatus index_window(std::size_t begin, std::size_t& end, std::size_t most);

  // Takes raw control characters as they come, all but NUL.
  IndexStatus index(std::string_view text);
  // Reads one record that is all of body[begin, end), or several (count), mending bytes when they need it.
  enum class Count { one, several };
  bool alone(std::size_t begin, std::size_t end, SyntaxError& error, Count count = Count::one);
  // Reads the values that take up all tokens to the cursor's limit.
  bool values(std::string_view text, TokenCursor& at, Count count);
  // `note`: a sentence more.
  void reject_syntax(std::string_view expected, std::size_t offset, std::string_view note = {});
  void reject_size(std::size_t bytes);
  TokenCursor cursor(std::string_view text) {
    return {text, workspace_.index.offsets(), workspace_.arena, workspace_.stack};
  }

  std::string_view body_;
  const DecodeOptions& options_;
  Workspace& workspace_;
  RecordReader& records_;
  std::size_t index_ = 0;         // of the next record
  std::size_t window_ = kWindow;  // grows for a record that does not fit
  std::size_t one_by_one_ = 0;    // up to here windows do not work
  std::size_t search_left_;       // bytes for searches of objects over several lines that find none
  Place place_ = Place::start;
  bool closed_ = false;           // the array has ended
  bool sequence_ = false;         // records without an array around them
};

}  // namespace penstock::decode
