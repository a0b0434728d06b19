"""What the rules share: walking the tree, telling violations, and proving that a rule catches what it is for.

A rule module has `check(root) -> list of sentences` and `SELF_TEST`, a list of (path, text, a part of the sentence expected).
"""
import argparse
import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = {"node_modules", "__pycache__", ".git", "corpus", "golden", "data"}


def files(root, folders, suffixes):
    """Files below the folders, relative to root, sorted; what is generated, installed or sample data is left out."""
    for folder in folders:
        base = root / folder
        found = [base] if base.is_file() else sorted(base.rglob("*")) if base.is_dir() else []
        for path in found:
            relative = path.relative_to(root)
            if path.is_file() and path.suffix in suffixes and not SKIPPED & set(relative.parts):
                yield relative


def read(root, path):
    return (root / path).read_text(encoding="utf-8", errors="replace")


def blank_comments_and_strings(text):
    """C++ text with comments and literals turned to blanks; lines and columns stay."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"([^()\\ ]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-zA-Z_])\'(?:\\.|[^\'\\\n])+\'', re.S)
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def self_test(check, skeleton, cases):
    """The skeleton alone passes; with each case's file added the rule says the sentence expected."""
    failures = []
    for path, text, expected in [(None, None, None), *cases]:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, content in {**skeleton, **({path: text} if path else {})}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(content, encoding="utf-8")
            said = check(root)
            if path is None and said:
                failures.append("The clean tree is refused: " + " | ".join(said))
            elif path is not None and not any(expected in sentence and path in sentence for sentence in said):
                failures.append(f"{path} with {text!r} should be refused with {expected!r}, but the rule said {said!r}.")
    return failures


def main(check, skeleton, cases):
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=pathlib.Path, default=ROOT)
    parser.add_argument("--self-test", action="store_true", help="prove that the rule catches violations")
    arguments = parser.parse_args()
    said = self_test(check, skeleton, cases) if arguments.self_test else check(arguments.root)
    for sentence in said:
        print(sentence)
    sys.exit(1 if said else 0)
