#!/usr/bin/env python3
"""Forms of coroutines that g++ 12 compiles wrongly, or that dangle. co_await stands as a whole statement or as the whole right-hand side of an
assignment or initialisation; coroutines are named functions; what they take by reference cannot be a temporary."""
import re

import rule

CO_AWAIT = re.compile(r"\bco_await\b")
# A lambda that captures and returns an awaitable.
CAPTURING = re.compile(r"\[\s*[^\]\s][^\]\[]*\]\s*(?:\([^{};]*\))?\s*(?:mutable\s*)?(?:noexcept\s*)?->\s*[\w:]*\bawaitable\s*<")
CO_SPAWN_LAMBDA = re.compile(r"\bco_await\s+(?:[\w:]+::)?co_spawn\s*\([^;]*?\[\s*[^\]\s]")
DECLARED = re.compile(r"\bawaitable\s*<")
OPERATORS = re.compile(r"#\s*include\s*<boost/asio/experimental/awaitable_operators\.hpp>")


def closing(text, at, opening="(", ending=")"):
    """Offset past the bracket that closes the one at `at`, or -1."""
    depth = 0
    for i in range(at, len(text)):
        if text[i] == opening:
            depth += 1
        elif text[i] == ending:
            depth -= 1
            if depth == 0:
                return i + 1
    return -1


def statement_start(text, at):
    """Where the statement that holds `at` starts: after ; { } or a case label's colon, not inside for (…; …; …)."""
    depth = 0
    for i in range(at - 1, -1, -1):
        c = text[i]
        if c == ")":
            depth += 1
        elif c == "(":
            depth -= 1
        elif depth <= 0 and c in ";{}":
            return i + 1
        elif depth == 0 and c == ":" and text[i - 1] != ":" and text[i + 1] != ":" and re.search(r"(?:case\b[^;{}]*|default\s*)$", text[:i]):
            return i + 1
    return 0


def without_control(prefix):
    """The prefix without `else`, and without complete if (…), while (…), for (…) heads."""
    while True:
        match = re.match(r"\s*(?:else\b|(?:if|while|for)\b\s*(?:constexpr\b\s*)?(?=\())", prefix)
        if not match:
            return prefix
        rest = prefix[match.end():]
        if rest.startswith("("):
            end = closing(rest, 0)
            if end < 0:
                return prefix
            rest = rest[end:]
        prefix = rest


def statement_end(text, at):
    """Offset of the ; that ends the statement at `at`, and what went wrong before it."""
    depth = 0
    skip_to = at
    for i in range(at, len(text)):
        c = text[i]
        if i < skip_to:
            continue
        if c == "<" and re.match(r"<[\w\s:<>,&*()]*>\s*\(", text[i:]):  # template arguments
            skip_to = closing(text, i, "<", ">")
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
            if depth < 0:
                return i, "it stands inside brackets"
        elif depth == 0 and c == ";":
            return i, None
        elif depth == 0 and c in "?,":
            return i, "something follows it"
        elif depth == 0 and text[i:i + 2] in ("||", "&&", "==", "!=", "<<", ">="):
            return i, "something follows it"
        elif depth == 0 and c in "+-/%|^" and text[i:i + 2] != "->":
            return i, "something follows it"
    return len(text), "it has no end"


def awaits(path, text):
    for match in CO_AWAIT.finditer(text):
        where = f"{path}:{rule.line_of(text, match.start())}"
        whole = "write it as a whole statement or as the whole right-hand side: auto x = co_await f(); then use x."
        prefix = without_control(text[statement_start(text, match.start()):match.start()]).strip()
        if prefix:
            if re.search(r"\bauto\s*&{0,2}\s*\[[^\]]*\]\s*=$", prefix):
                yield f"{where}: structured bindings straight from co_await: name the result first, then bind it."
                continue
            if not re.search(r"[\w\])>]\s*=$", prefix) or "(" in prefix.split("=")[0] or prefix.startswith(("return", "co_return")):
                yield f"{where}: co_await in the middle of an expression, which g++ 12 compiles wrongly: {whole}"
                continue
        _, problem = statement_end(text, match.end())
        if problem:
            yield f"{where}: co_await is not the whole expression ({problem}): {whole}"


def parameters(path, text):
    for match in DECLARED.finditer(text):
        end = closing(text, text.index("<", match.start()), "<", ">")
        if end < 0:
            continue
        named = re.match(r"\s+(?:[\w:]+::)?\w+\s*(?=\()", text[end:])
        if not named:
            continue
        start = end + named.end()
        stop = closing(text, start)
        if stop > 0 and re.search(r"\bconst\s+[\w:<>, ]+&|&&", text[start:stop]):
            yield (f"{path}:{rule.line_of(text, match.start())}: a coroutine takes a const reference or &&, which may be a temporary that is gone "
                   "when it resumes: take it by value.")


def check(root):
    said = []
    for path in rule.files(root, ["src", "include", "tests", "bench"], {".hpp", ".cpp"}):
        raw = rule.read(root, path)
        if OPERATORS.search(raw):
            said.append(f"{path}: awaitable operators wait for a success, not for a deadline: use a timer that cancels, as http does.")
        text = rule.blank_comments_and_strings(raw)
        if "awaitable" not in text and "co_await" not in text:
            continue
        for pattern in (CAPTURING, CO_SPAWN_LAMBDA):
            for match in pattern.finditer(text):
                said.append(f"{path}:{rule.line_of(text, match.start())}: a lambda that captures is a coroutine, and its captures die before it resumes: "
                            "make it a named function that takes what it needs by value.")
        said.extend(awaits(path, text))
        said.extend(parameters(path, text))
    return said


GOOD = """
// c ? co_await a() : b is only a comment
boost::asio::awaitable<void> run(std::shared_ptr<X> self, error_code& failed) {
  co_await self->serve();
  int x = co_await f(1, g(2));
  x = co_await f({a, b});
  object.member->y_[2] = co_await wire_.read_some(buffer_.prepare(9), failed);
  for (bool stay = true; stay;) stay = co_await serve_one();
  if (x && y(1)) co_await hang_up(false);
  else x = co_await f();
  co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void()>(start, boost::asio::use_awaitable);
  switch (x) { case 1: co_await f(); break; default: co_await g(); }
  const char* text = "co_await a() + 1";
  co_spawn(executor, run(self), detached);
}
auto plain = [](int x) -> awaitable<void> { co_return; };
"""
SKELETON = {"src/http/good.cpp": GOOD}


def inside(code):
    return "awaitable<void> f() {\n  " + code + "\n}\n"


SELF_TEST = [
    ("src/http/a.cpp", inside("auto x = c ? co_await a() : co_await b();"), "middle of an expression"),
    ("src/http/a.cpp", inside("auto x = P{co_await a(), co_await b()};"), "middle of an expression"),
    ("src/http/a.cpp", inside("g(co_await a());"), "middle of an expression"),
    ("src/http/a.cpp", inside("if (co_await a()) b();"), "middle of an expression"),
    ("src/http/a.cpp", inside("while (!co_await a()) b();"), "middle of an expression"),
    ("src/http/a.cpp", inside("co_return co_await a();"), "middle of an expression"),
    ("src/http/a.cpp", inside("X x(co_await a());"), "middle of an expression"),
    ("src/http/a.cpp", inside("int x = co_await a() + 1;"), "not the whole expression"),
    ("src/http/a.cpp", inside("auto x = co_await a() ? 1 : 2;"), "not the whole expression"),
    ("src/http/a.cpp", inside("auto x = co_await a(), y = 2;"), "not the whole expression"),
    ("src/http/a.cpp", inside("co_await a() || timer();"), "not the whole expression"),
    ("src/http/a.cpp", inside("auto [x, y] = co_await a();"), "structured bindings"),
    ("src/http/a.cpp", "auto f = [this] -> awaitable<void> { co_return; };", "a lambda that captures"),
    ("src/http/a.cpp", "auto f = [&x, y = 1](int z) mutable -> boost::asio::awaitable<int> { co_return 1; };", "a lambda that captures"),
    ("src/http/a.hpp", "awaitable<void> f(const std::string& text);", "by value"),
    ("src/http/a.hpp", "boost::asio::awaitable<Result<std::vector<int>>> X::f(int a, std::string&& text) {", "by value"),
    ("src/http/a.cpp", "#include <boost/asio/experimental/awaitable_operators.hpp>\n", "awaitable operators"),
]

if __name__ == "__main__":
    rule.main(check, SKELETON, SELF_TEST)
