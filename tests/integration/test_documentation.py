"""What docs/ says of the interface is what the server answers."""

import re

from harness import ROOT


def documented():
    text = (ROOT / "docs" / "http-api.md").read_text()
    return set(re.findall(r"^\| ([A-Z]+) \| `([^`]+)` \| ([\w:, ]+) \| (\w+) \| .+ \|$", text, re.M))


def test_every_route_is_documented_with_its_right_and_no_other_is(server):
    served = {(route["method"], route["path"], route["right"], route["deployment"]) for route in server.get("/api/v1/routes").json()["routes"]}
    assert served - documented() == set(), "not in docs/http-api.md"
    assert documented() - served == set(), "in docs/http-api.md only"


def test_links_in_the_documentation_lead_somewhere():
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
