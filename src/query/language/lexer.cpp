#include "query/language/lexer.hpp"

#include <utility>

namespace penstock::query {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool ends_bare(char c) { return is_blank(c) || c == '(' || c == ')' || c == '"'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Error query_error(std::size_t column, std::string_view what) {
  std::string message = "Column " + std::to_string(column) + ": ";
  message += what;
  return Error{ErrorCode::invalid_query, std::move(message), "q"};
}

std::size_t Lexer::column_of(std::size_t offset) const {
  std::size_t column = 1;
  for (std::size_t i = 0; i < offset && i < text_.size(); ++i) {
    if ((static_cast<unsigned char>(text_[i]) & 0xc0) != 0x80) ++column;
  }
  return column;
}

Result<Token> Lexer::quoted(std::size_t start) {
  Token token{TokenKind::quoted, {}, false, false, column_of(start)};
  for (std::size_t i = start + 1; i < text_.size(); ++i) {
    if (text_[i] == '\\' && i + 1 < text_.size() && (text_[i + 1] == '"' || text_[i + 1] == '\\')) {
      token.text += text_[++i];
    } else if (text_[i] == '"') {
      at_ = i + 1;
      return token;
    } else {
      token.text += text_[i];
    }
  }
  return query_error(token.column, "this quote is not closed. Add a \" at its end.");
}

Result<Token> Lexer::regex(std::size_t start) {
  Token token{TokenKind::regex, {}, false, false, column_of(start)};
  for (std::size_t i = start + 1; i < text_.size(); ++i) {
    if (text_[i] == '\\' && i + 1 < text_.size()) {
      if (text_[i + 1] != '/') token.text += '\\';
      token.text += text_[++i];
      continue;
    }
    if (text_[i] != '/') {
      token.text += text_[i];
      continue;
    }
    at_ = i + 1;
    if (at_ < text_.size() && text_[at_] == 'i') {
      token.ignore_case = true;
      ++at_;
    }
    if (at_ < text_.size() && !is_blank(text_[at_]) && text_[at_] != ')') {
      return query_error(token.column,
                         "a regular expression ends here but more text follows. To search for a path, quote it.");
    }
    if (token.text.empty()) return query_error(token.column, "this regular expression is empty.");
    return token;
  }
  return query_error(token.column,
                     "this regular expression has no closing /. To search for text with a slash, put it in quotes.");
}

bool Lexer::starts_field(std::size_t start, std::size_t& colon) const {
  if (is_digit(text_[start]) || text_[start] == ':') return false;
  for (std::size_t i = start; i < text_.size() && !ends_bare(text_[i]); ++i) {
    if (text_[i] != ':') continue;
    colon = i;
    return text_.substr(i + 1, 2) != "//";
  }
  return false;
}

Token Lexer::bare(std::size_t start) {
  std::size_t end = start;
  while (end < text_.size() && !ends_bare(text_[end])) ++end;
  at_ = end;
  return Token{TokenKind::word, std::string(text_.substr(start, end - start)), false, false, column_of(start)};
}

Token Lexer::parenthesis(std::size_t start, bool value) {
  ++at_;
  if (text_[start] == '(') {
    if (value || field_groups_ > 0) ++field_groups_;
    return Token{TokenKind::open, {}, false, false, column_of(start)};
  }
  if (field_groups_ > 0) --field_groups_;
  return Token{TokenKind::close, {}, false, false, column_of(start)};
}

bool Lexer::starts_compare(std::size_t start, Token& token) {
  for (const std::string_view op : {">=", "<=", ">", "<", "="}) {
    if (!text_.substr(start).starts_with(op)) continue;
    at_ += op.size();
    after_field_ = true;
    token = Token{TokenKind::compare, std::string(op), false, false, column_of(start)};
    return true;
  }
  return false;
}

Result<Token> Lexer::next() {
  const bool value = std::exchange(after_field_, false);
  const std::size_t before = at_;
  while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  if (value && at_ != before) {
    return query_error(column_of(before),
                       "a value must follow the colon or the operator without a blank. To search for one of these, put the text in quotes.");
  }
  const std::size_t start = at_;
  if (start == text_.size()) return Token{TokenKind::end, {}, false, false, column_of(start)};
  const char c = text_[start];
  if (c == '(' || c == ')') return parenthesis(start, value);
  if (c == '"') {
    auto token = quoted(start);
    if (token && !value && at_ < text_.size() && text_[at_] == ':') {
      ++at_;
      token->kind = TokenKind::field;
      token->in_quotes = true;
      after_field_ = true;
    }
    return token;
  }
  if (c == '/') return regex(start);
  Token compare;
  if ((value || field_groups_ > 0) && starts_compare(start, compare)) return compare;
  if (value) return bare(start);
  if (c == '-' && start + 1 < text_.size() && !is_blank(text_[start + 1])) {
    ++at_;
    return Token{TokenKind::minus, {}, false, false, column_of(start)};
  }
  std::size_t colon = 0;
  if (starts_field(start, colon)) {
    at_ = colon + 1;
    after_field_ = true;
    return Token{TokenKind::field, std::string(text_.substr(start, colon - start)), false, false, column_of(start)};
  }
  Token token = bare(start);
  if (token.text == "AND") token.kind = TokenKind::word_and;
  if (token.text == "OR") token.kind = TokenKind::word_or;
  if (token.text == "NOT") token.kind = TokenKind::word_not;
  return token;
}

}  // namespace penstock::query
