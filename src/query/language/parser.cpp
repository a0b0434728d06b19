#include "query/language/parser.hpp"

#include <utility>

#include "query/language/foreign.hpp"
#include "query/language/lexer.hpp"

namespace penstock::query {
namespace {

class Parser {
 public:
  Parser(std::string_view text, int language) : lexer_(text), language_(language) {}

  Result<Node> parse() {
    if (auto ok = advance(); !ok) return std::move(ok).error();
    if (token_.kind == TokenKind::end) return Node{};
    auto root = any({}, 0);
    if (!root) return root;
    if (token_.kind == TokenKind::close) {
      return query_error(token_.column, "this ) closes nothing. Remove it or add a ( before.");
    }
    return root;
  }

 private:
  Result<void> advance() {
    auto token = lexer_.next();
    if (!token) return std::move(token).error();
    token_ = std::move(*token);
    return {};
  }

  static Node joined(Node::Kind kind, std::vector<Node> parts) {
    if (parts.size() == 1) return std::move(parts.front());
    Node node;
    node.kind = kind;
    node.children = std::move(parts);
    return node;
  }

  Result<Node> any(const std::string& field, std::size_t depth) {
    std::vector<Node> parts;
    for (;;) {
      auto part = all(field, depth);
      if (!part) return part;
      parts.push_back(std::move(*part));
      if (token_.kind != TokenKind::word_or) return joined(Node::Kind::any, std::move(parts));
      if (auto ok = advance(); !ok) return std::move(ok).error();
    }
  }

  Result<Node> all(const std::string& field, std::size_t depth) {
    std::vector<Node> parts;
    first_ = true;
    for (;;) {
      auto part = negation(field, depth);
      if (!part) return part;
      parts.push_back(std::move(*part));
      first_ = token_.kind == TokenKind::word_and;
      if (token_.kind == TokenKind::word_and) {
        if (auto ok = advance(); !ok) return std::move(ok).error();
      } else if (token_.kind == TokenKind::end || token_.kind == TokenKind::close ||
                 token_.kind == TokenKind::word_or) {
        return joined(Node::Kind::all, std::move(parts));
      }
    }
  }

  Result<Node> negation(const std::string& field, std::size_t depth) {
    bool negated = false;
    while (token_.kind == TokenKind::minus || token_.kind == TokenKind::word_not) {
      negated = !negated;
      if (auto ok = advance(); !ok) return std::move(ok).error();
    }
    auto inner = primary(field, depth);
    if (!inner || !negated) return inner;
    Node node;
    node.kind = Node::Kind::negation;
    node.children.push_back(std::move(*inner));
    return node;
  }

  Result<Node> group(const std::string& field, std::size_t depth) {
    const std::size_t column = token_.column;
    if (depth >= kMaxQueryDepth) return query_error(column, "parentheses are nested too deeply (at most 32 levels).");
    if (auto ok = advance(); !ok) return std::move(ok).error();
    if (token_.kind == TokenKind::close) return query_error(column, "there is nothing between these parentheses.");
    auto inner = any(field, depth + 1);
    if (!inner) return inner;
    if (token_.kind != TokenKind::close) {
      return query_error(column, "this ( is not closed. Add a ) at the end of the group.");
    }
    if (auto ok = advance(); !ok) return std::move(ok).error();
    return inner;
  }

  Result<Node> primary(const std::string& field, std::size_t depth) {
    switch (token_.kind) {
      case TokenKind::open: return group(field, depth);
      case TokenKind::field: {
        Token name = std::move(token_);
        if (name.text.empty()) return query_error(name.column, "a field name is missing before the colon.");
        if (!field.empty()) {
          return query_error(name.column, "a field is named inside another field's parentheses. Close them first.");
        }
        if (auto ok = advance(); !ok) return std::move(ok).error();
        if (language_ > 1 && !name.in_quotes) {
          if (const auto hint = foreign_name(name.text)) return query_error(name.column, *hint);
        }
        if (token_.kind == TokenKind::open) return group(name.text, depth);
        if (language_ > 1 && !name.in_quotes && token_.kind == TokenKind::word) return unquoted(std::move(name));
        return condition(std::move(name.text));
      }
      case TokenKind::compare:
      case TokenKind::word:
      case TokenKind::quoted:
      case TokenKind::regex: return condition(field);
      case TokenKind::close: return query_error(token_.column, "a condition is missing before this ).");
      case TokenKind::word_and:
      case TokenKind::word_or:
        return query_error(token_.column,
                           "a condition is missing before this word. To search for the word itself, put it in quotes.");
      case TokenKind::end: return query_error(token_.column, "the query ends where a condition is expected.");
      default: return query_error(token_.column, "a condition is expected here.");
    }
  }

  WordPlace place() const {
    const std::string_view rest = lexer_.rest();
    const std::size_t next = rest.find_first_not_of(" \t\r\n");
    return {first_, next == std::string_view::npos || rest[next] == ')', rest.empty() ? '\0' : rest.front(), rest};
  }

  // name:value without quotes, the value being the current token.
  Result<Node> unquoted(Token name) {
    if (name.text == "*") {
      if (token_.text.find_first_not_of('*') != std::string::npos) return query_error(name.column, "leave out the *: to look in all fields, no name is needed.");
      if (auto ok = advance(); !ok) return std::move(ok).error();
      return Node{};
    }
    if (const auto hint = foreign_value(name.text, token_.text, place())) return query_error(token_.column, *hint);
    std::string written = name.text + ':' + token_.text;
    auto node = condition(std::move(name.text));
    if (node) node->written = std::move(written);
    return node;
  }

  // name=value as logfmt writes it: these characters, or the field.
  Result<Node> either_way(Node text, std::size_t sign) {
    if (++conditions_ > kMaxConditions) return too_many_conditions();
    Node named = text;
    named.field = text.text.substr(0, sign);
    named.text = text.text.substr(sign + 1);
    std::vector<Node> parts;
    parts.push_back(std::move(text));
    parts.push_back(std::move(named));
    return joined(Node::Kind::any, std::move(parts));
  }

  Error too_many_conditions() const {
    return query_error(token_.column, "the query has too many conditions (at most 256).");
  }

  Result<Node> condition(std::string field) {
    if (++conditions_ > kMaxConditions) return too_many_conditions();
    Node node;
    node.kind = Node::Kind::condition;
    node.field = std::move(field);
    node.column = token_.column;
    if (token_.kind == TokenKind::compare) {
      if (token_.text == "=") node.compare = Node::Compare::exactly;
      if (token_.text == ">") node.compare = Node::Compare::greater;
      if (token_.text == ">=") node.compare = Node::Compare::greater_equal;
      if (token_.text == "<") node.compare = Node::Compare::less;
      if (token_.text == "<=") node.compare = Node::Compare::less_equal;
      if (auto ok = advance(); !ok) return std::move(ok).error();
    }
    switch (token_.kind) {
      case TokenKind::word: node.form = Node::Form::bare; break;
      case TokenKind::quoted: node.form = Node::Form::quoted; break;
      case TokenKind::regex: node.form = Node::Form::regex; break;
      default: return query_error(token_.column,
                                  "a value is missing here. To search for a colon, put the text in quotes.");
    }
    if (node.form == Node::Form::regex && node.compare != Node::Compare::matches) {
      return query_error(token_.column, "a regular expression cannot be compared: write field:/…/.");
    }
    const bool plain_word = language_ > 1 && token_.kind == TokenKind::word && node.field.empty();
    if (plain_word) {
      if (const auto hint = foreign_word(token_.text, place())) return query_error(token_.column, *hint);
    }
    node.text = std::move(token_.text);
    node.ignore_case = token_.ignore_case;
    if (auto ok = advance(); !ok) return std::move(ok).error();
    const std::size_t sign = plain_word ? equals_sign(node.text) : std::string_view::npos;
    if (sign != std::string_view::npos) return either_way(std::move(node), sign);
    return node;
  }

  Lexer lexer_;
  const int language_;
  Token token_;
  bool first_ = true;  // no condition stands before the current token in its group, or an operator does
  std::size_t conditions_ = 0;
};

}  // namespace

Result<Node> parse_query(std::string_view text, int language) {
  if (text.size() > kMaxQueryBytes) return query_error(kMaxQueryBytes, "the query is too long (at most 4096 bytes).");
  return Parser(text, language).parse();
}

}  // namespace penstock::query
