#!/usr/bin/env python3
"""A file includes its own room, include/penstock, and rooms of a strictly lower number (cmake/rooms.cmake). Third-party libraries stay
in the rooms that own them. The contracts include nothing but the standard library and each other."""
import re

import rule

# (file, include) pairs that may break the rule. It starts empty and stays so.
EXCEPTIONS = []

# Prefix of an include, and the rooms that may use it. The longest prefix that fits decides.
PINNED = {
    "boost/beast": {"http"},
    "boost/asio/ssl": {"http"},
    "boost/asio": {"http", "api", "app"},
    "boost/unordered": {"sinks"},
    "boost/": {"http", "api", "app"},
    "openssl/ssl.h": {"http"},
    # base takes digests, for all; ciphers are caught below.
    "openssl/": {"seal", "auth", "http"},
    "openssl/evp.h": {"base", "seal", "auth"},
    "pqxx": {"postgres"},
    "libpq": {"postgres"},
    "spdlog/": {"base"},
    "simdjson": {"decode"},
    "nlohmann/": {"decode", "postgres", "agent", "api", "auth", "query"},
    "re2/": {"query"},
    "utf8proc": {"chunk"},
    "date/": {"core"},
    "zstd": {"chunk", "journal", "http"},
    "zlib": {"http"},
    "toml++/": {"config"},
    "CLI/": {"app"},
}
CIPHER = re.compile(r"\bEVP_(?:Encrypt|Decrypt|Cipher|CIPHER|aes_|chacha20)\w*|\bAES_\w+")
# What is sealed at rest is sealed by seal alone, for the journal, the chunks and the agent alike: one place for nonces and keys.
CIPHER_ROOMS = {"seal", "auth"}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
ROOM = re.compile(r"^[ \t]*penstock_room\((\w+)[ \t]+(\d+)", re.M)
TOP = "main"


def rooms_of(root):
    rooms = {name: int(level) for name, level in ROOM.findall(rule.read(root, "cmake/rooms.cmake"))}
    if not rooms:
        raise SystemExit("cmake/rooms.cmake names no rooms: layering.py reads lines like penstock_room(base 0 …).")
    return rooms


def pinned_rooms(include):
    fitting = [prefix for prefix in PINNED if include.startswith(prefix)]
    return PINNED[max(fitting, key=len)] if fitting else None


def quoted(path, room, include, rooms):
    target = include.split("/")[0]
    if target == "penstock":
        return None
    if target not in rooms or "/" not in include:
        return f'{path} includes "{include}": include by the path from src/ or include/, "room/file.hpp" or "penstock/core/file.hpp".'
    if target == room or room == TOP or rooms[target] < rooms[room]:
        return None
    return (f'{path} includes "{include}", but {target} ({rooms[target]}) is not lower than {room} ({rooms[room]}): let them meet '
            f"through a port in include/penstock/ports, or move the code to a lower room.")


def angled(path, room, include):
    allowed = pinned_rooms(include)
    if allowed is None or room in allowed:
        return None
    return f"{path} includes <{include}>, which only {', '.join(sorted(allowed))} may use: ask that room for what you need."


def check_source(root, path, rooms):
    room = path.parts[1] if len(path.parts) > 2 else TOP
    if room != TOP and room not in rooms:
        return [f"{path} is in no room: add {room} to cmake/rooms.cmake, or move the file."]
    text = rule.read(root, path)
    said = []
    for kind, include in INCLUDE.findall(text):
        if (str(path), include) in EXCEPTIONS:
            continue
        said.append(quoted(path, room, include, rooms) if kind == '"' else angled(path, room, include))
    cipher = CIPHER.search(rule.blank_comments_and_strings(text))
    if cipher and room not in CIPHER_ROOMS:
        said.append(f"{path} uses {cipher.group()}: ciphers belong to seal and auth; take a Sealer (penstock/ports/sealer.hpp).")
    return [sentence for sentence in said if sentence]


def check_contract(root, path):
    said = []
    for kind, include in INCLUDE.findall(rule.read(root, path)):
        standard = kind == "<" and "/" not in include and "." not in include
        if not standard and not include.startswith("penstock/"):
            said.append(f"{path} includes {include}: a contract knows only the standard library and other contracts.")
    return said


def check(root):
    rooms = rooms_of(root)
    said = [sentence for path in rule.files(root, ["src"], {".hpp", ".cpp", ".h"}) for sentence in check_source(root, path, rooms)]
    said += [sentence for path in rule.files(root, ["include"], {".hpp", ".h"}) for sentence in check_contract(root, path)]
    if EXCEPTIONS:
        said.append("EXCEPTIONS in tests/rules/layering.py is not empty: remove the reason for each entry.")
    return said


SKELETON = {
    "cmake/rooms.cmake": "penstock_room(base 0 LIBS x)\npenstock_room(core 1 DEPENDS base)\npenstock_room(decode 2)\npenstock_room(chunk 2)\n"
                         "penstock_room(http 3)\npenstock_room(postgres 3)\npenstock_room(api 5)\n",
    "src/main.cpp": '#include "api/api.hpp"\n',
    "src/api/api.hpp": '#include <vector>\n#include "api/other.hpp"\n#include "http/server.hpp"\n#include "penstock/core/time.hpp"\n',
    "src/http/server.cpp": "#include <boost/beast/core.hpp>\n#include <openssl/ssl.h>\n",
    "src/base/sha256.cpp": "#include <openssl/evp.h>\n// EVP_EncryptInit is not used\nauto x = EVP_sha256();\n",
    "include/penstock/core/time.hpp": '#include <cstdint>\n#include "penstock/core/result.hpp"\n',
}
SELF_TEST = [
    ("src/http/up.cpp", '#include "api/api.hpp"\n', "is not lower than http"),
    ("src/decode/aside.cpp", '#include "chunk/x.hpp"\n', "is not lower than decode"),
    ("src/core/relative.cpp", '#include "neighbour.hpp"\n', "include by the path from src/"),
    ("src/core/relative.cpp", '#  include "../base/bytes.hpp"\n', "include by the path from src/"),
    ("src/attic/x.cpp", "int x;\n", "is in no room"),
    ("src/api/beast.cpp", "#include <boost/beast/http.hpp>\n", "only http may use"),
    ("src/core/asio.hpp", "#include <boost/asio/awaitable.hpp>\n", "may use"),
    ("src/api/tls.cpp", "#include <openssl/ssl.h>\n", "only http may use"),
    ("src/http/hash.cpp", "#include <openssl/evp.h>\n", "may use"),
    ("src/api/sql.cpp", "#include <pqxx/pqxx>\n", "only postgres may use"),
    ("src/api/sql.cpp", "#include <libpq-fe.h>\n", "only postgres may use"),
    ("src/http/log.cpp", "#include <spdlog/spdlog.h>\n", "only base may use"),
    ("src/api/json.cpp", "#include <simdjson.h>\n", "only decode may use"),
    ("src/api/regex.cpp", "#include <re2/re2.h>\n", "only query may use"),
    ("src/postgres/cipher.cpp", "auto c = EVP_EncryptInit_ex(a, b);\n", "ciphers belong to seal and auth"),
    ("include/penstock/core/bad.hpp", '#include "base/bytes.hpp"\n', "a contract knows only"),
    ("include/penstock/core/bad.hpp", "#include <boost/asio.hpp>\n", "a contract knows only"),
    ("include/penstock/core/bad.hpp", "#include <unistd.h>\n", "a contract knows only"),
]

if __name__ == "__main__":
    rule.main(check, SKELETON, SELF_TEST)
