// Cuts the q text into tokens. Pure; views into the text except where quoting was undone.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "penstock/core/result.hpp"

namespace penstock::query {

enum class TokenKind {
  end,
  open,     // (
  close,    // )
  minus,    // - right before a condition
  word_and,
  word_or,
  word_not,
  field,    // name: (text = name)
  compare,  // > >= < <= = right after a field, or before a value in its parentheses (text = operator)
  word,     // bare text
  quoted,   // "…" (text = unquoted)
  regex,    // /…/ (text = expression; ignore_case for /…/i)
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string text;
  bool ignore_case = false;
  bool in_quotes = false;   // a field whose name was
  std::size_t column = 1;  // counted in characters from 1
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  // The next token; kind end when there is no more. Errors: invalid_query.
  Result<Token> next();
  // What follows the last token.
  std::string_view rest() const { return text_.substr(at_); }

 private:
  Result<Token> quoted(std::size_t start);
  Result<Token> regex(std::size_t start);
  Token bare(std::size_t start);
  Token parenthesis(std::size_t start, bool value);
  bool starts_compare(std::size_t start, Token& token);
  bool starts_field(std::size_t start, std::size_t& colon) const;
  std::size_t column_of(std::size_t offset) const;

  std::string_view text_;
  std::size_t at_ = 0;
  bool after_field_ = false;      // a value must follow
  std::size_t field_groups_ = 0;  // open parentheses from field:( on: in them a value may begin with an operator
};

// An invalid_query error that names the column.
Error query_error(std::size_t column, std::string_view what);

}  // namespace penstock::query
