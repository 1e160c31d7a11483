"""Takes the pictures of the inspector in the documentation: `make screenshots`."""

from __future__ import annotations

import http.client
from contextlib import suppress
from pathlib import Path

from tests.browser import run_in_browser
from tests.kit import MockServer
from tests.server.end_to_end import asking, send

FOLDER = Path(__file__).parents[1] / "docs" / "images"

SCRIPT = """
  await page.setViewportSize({ width: 1280, height: 760 });
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.goto(given[0]);
    await page.waitForSelector(".row >> nth=5");
    await page.keyboard.press("g");
    await page.keyboard.press("j");
    await page.waitForSelector(".frame.fault");
    await page.screenshot({ path: `${given[1]}/inspector-${colorScheme}.png` });
  }
  return errors;
"""

TEXT = "It is 18 °C in Paris, with a light wind from the west."
FAULTS = [
    {"delay": {"before": "text.delta[2]", "for": "40ms"}},
    {"garble": {"json": "text.delta[4]"}},
    {"repeat": "text.delta[6]"},
    {"cut": {"after": 10}},
]


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with MockServer(unmatched="allow") as server:
        server.stub(name="greets", when={"user": {"contains": "Hello"}}, reply="Hello! How can I help you today?")
        reply = {"output": [{"text": TEXT}], "faults": FAULTS}
        server.stub(name="tells the weather", when={"user": {"contains": "weather"}}, reply=reply)
        server.stub(name="is busy", when={"user": {"contains": "report"}}, reply={"error": "rate_limited"})
        asked = ["Hello there", "How is the weather in Paris?", "Write a report", "Tell me a joke", "Hello again"]
        for text in asked:
            with suppress(http.client.IncompleteRead):
                send(server.url, "POST", "/v1/chat/completions", asking(text) | {"stream": True})
        send(server.url, "GET", "/v1/models")
        if found := run_in_browser(SCRIPT, server.url, str(FOLDER)):
            raise SystemExit(found)


if __name__ == "__main__":
    main()
