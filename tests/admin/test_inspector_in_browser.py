"""The inspector page in Chromium: data stays text, the list, its filters and keys, copies, reset, the token."""

from __future__ import annotations

import http.client
import json
import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import pytest

from tests.browser import run_in_browser
from tests.kit import (
    Dialects,
    MockServer,
    Outcome,
    OutcomeKind,
    Request,
    Sandboxes,
    Settings,
    ThreadRunner,
    Upstream,
    admin_routes,
    load,
)
from tests.server.end_to_end import asking, send

MARKUP = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'
SECRET = "sk-proj-never-to-be-shown"

OPEN = """
  await page.goto(given[0]);
  await page.waitForSelector(".row");
  const texts = (selector) => page.locator(selector).allInnerTexts();
"""


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer(unmatched="allow") as running:
        yield running


def ask(server: MockServer, text: str, **members: object) -> None:
    headers = {"authorization": f"Bearer {SECRET}", "x-note": MARKUP}
    with suppress(http.client.IncompleteRead):
        send(server.url, "POST", "/v1/chat/completions", asking(text) | members, headers)


def test_script_in_prompts_headers_and_names_stays_text(server: MockServer) -> None:
    server.stub(name=MARKUP, when={"user": {"contains": "known"}}, reply=MARKUP)
    server.stub(name="other", when={"user": MARKUP[::-1]}, reply="x")
    ask(server, f"{MARKUP} known", stream=True)
    ask(server, MARKUP, model=MARKUP)
    send(server.url, "GET", f"/v1/models/{MARKUP.replace(' ', '%20')}", None)
    script = """
      const pages = [];
      for (const key of ["g", "j", "j"]) {
        await page.keyboard.press(key);
        await page.waitForFunction((at) => document.querySelector("#detail h2")?.textContent.startsWith(`#${at} `), pages.length + 1);
        pages.push(await page.innerText("#detail"));
      }
      for (const name of ["Stubs", "Sandboxes"]) {
        await page.click(`nav >> text=${name}`);
        await page.waitForSelector(`#${name.toLowerCase()} table`);
        pages.push(await page.innerText(`#${name.toLowerCase()}`));
      }
      return { pages, errors, hacked: await page.evaluate(() => window.hacked ?? null), images: await page.locator("img").count(),
               scripts: await page.locator("script").count(), source: await page.content() };
    """  # noqa: E501
    found = run_in_browser(OPEN + script, server.url)
    assert (found["errors"], found["hacked"], found["images"], found["scripts"]) == ([], None, 0, 1)
    assert [MARKUP in text for text in found["pages"][:2]] == [True, True]
    assert MARKUP in found["pages"][3]
    assert SECRET not in found["source"]


def test_an_exchange_shows_its_reply_with_the_faults_and_why_others_did_not_match(server: MockServer) -> None:
    faults = [{"garble": {"json": "text.delta[0]"}}, {"cut": {"after": 3}}]
    server.stub(name="cuts", when={"user": "cut"}, reply={"output": [{"text": "one two three"}], "faults": faults})
    ask(server, "cut", stream=True)
    ask(server, "cute", temperature="hot")
    ask(server, "cute")
    script = """
      await page.keyboard.press("g");
      await page.waitForSelector(".frame.fault");
      const frames = await texts(".frame"), faults = await texts(".frame.fault");
      await page.keyboard.press("j");
      await page.waitForFunction(() => document.querySelector("#detail").innerText.includes("breaks"));
      const findings = await page.innerText("#detail");
      await page.keyboard.press("j");
      await page.waitForFunction(() => document.querySelector("#detail").innerText.includes("Why no stub matched"));
      return { frames, faults, findings, near: await page.innerText("#detail"), errors };
    """
    found = run_in_browser(OPEN + script, f"{server.url}/__admin/")
    names = [text.split("\n")[1] for text in found["frames"]]
    assert names == ["head", "role", "text.delta[0]", "text.delta[1]", "close"]
    assert [text.split("\n")[1] for text in found["faults"]] == ["text.delta[0]", "close"]
    assert "damaged" in found["faults"][0]
    assert "temperature" in found["findings"]
    assert '"cut"' in found["near"]
    assert found["errors"] == []


@contextmanager
def journal_of(count: int) -> Iterator[str]:
    """The address of a server whose default sandbox had so many exchanges."""
    dialects = Dialects()
    sandboxes = Sandboxes(dialects.find("openai"), settings=Settings(), clock=time.monotonic)
    sandbox = sandboxes.get("default")
    sandbox.load(
        load.load_text("stubs: [{name: even, when: {user: {matches: '[02468]$'}}, reply: x}]", "a.yaml", dialects)
    )
    for number in range(1, count + 1):
        body = json.dumps(asking(f"question {number}")).encode()
        headers = (("content-type", "application/json"), ("authorization", "Bearer any"))
        path = "/v1/chat/completions"
        request = Request(method="POST", target=path, path=path, headers=headers, body=body)
        record, _ = sandbox.exchange(request, now_s=time.monotonic())
        record.outcome = Outcome(how=OutcomeKind.COMPLETE, frames=1, sent=1, started_s=0, ended_s=0)
    upstream = Upstream(sandboxes, admin_routes(sandboxes, dialects, admin_token="secret"))
    runner = ThreadRunner(upstream, host="127.0.0.1", port=0)
    host, port = runner.start()
    yield f"http://{host}:{port}"
    runner.stop()


def test_ten_thousand_exchanges_behind_a_token() -> None:
    script = """
      const urls = [];
      page.on("request", (request) => urls.push(request.url()));
      await page.goto(given[0]);
      await page.waitForSelector("#token");
      await page.fill("#token", "wrong");
      await page.press("#token", "Enter");
      await page.waitForSelector("#asking[open]");
      await page.fill("#token", "secret");
      await page.click("#enter");
      const whole = () => page.waitForFunction(() => document.querySelector("#state").textContent.startsWith("10000 exchanges"), null, { timeout: 100000 });
      await whole();
      const drawn = () => page.locator(".row").count();
      const first = await drawn(), height = await page.evaluate(() => document.querySelector("#space").offsetHeight);
      // How long the page takes to show the other end, and to filter.
      const took = await page.evaluate(async () => {
        const list = document.querySelector("#list"), text = document.querySelector("#text");
        const started = performance.now();
        list.scrollTop = 0;
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        const scrolled = performance.now() - started;
        const before = performance.now();
        refilter();
        return { scrolled, filtered: performance.now() - before };
      });
      const top = await page.locator(".row").first().innerText();
      await page.keyboard.press("/");
      await page.keyboard.type("question 99");
      await page.waitForFunction(() => document.querySelector("#shown").textContent === "111 of 10000");
      await page.selectOption("#status", "unmatched");
      await page.waitForFunction(() => document.querySelector("#shown").textContent === "56 of 10000");
      await page.selectOption("#status", "");
      await page.selectOption("#stub", "even");
      const even = await page.innerText("#shown");
      await page.keyboard.press("Escape");
      await page.keyboard.press("g");
      await page.keyboard.press("j");
      await page.keyboard.press("j");
      await page.keyboard.press("k");
      const chosen = await page.locator(".row[aria-selected=true] .number").innerText();
      await page.keyboard.press("Enter");
      const focus = await page.evaluate(() => document.activeElement.id);
      await page.reload();
      await whole();
      return { first, last: await drawn(), height, took, top, even, chosen, focus, leaked: urls.filter((url) => url.includes("secret")), errors };
    """  # noqa: E501
    with journal_of(10_000) as url:
        found = run_in_browser(script, url)
    assert max(found["first"], found["last"]) < 100
    assert found["height"] == 260_000
    assert found["top"].startswith("#1\n")
    assert found["even"] == "55 of 10000"
    assert (found["chosen"], found["focus"]) == ("#992", "detail")
    assert found["leaked"] == []
    # Loose, as the machine may be busy; a list of 10,000 elements takes seconds.
    assert found["took"]["scrolled"] < 1000
    assert found["took"]["filtered"] < 1000


def test_copies_can_be_used(server: MockServer) -> None:
    prompt = 'it\'s {{request.user}} \u2028 "q" $HOME `x`\n- a: [b'
    server.stub(name="any", reply="two {'{{'} it's\nlines".replace("{'{{'}", "{{'{{'}}"))
    ask(server, prompt, stream=True)
    script = """
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.keyboard.press("j");
      const copies = {};
      for (const kind of ["curl", "stub", "pytest"]) {
        await page.click(`text=Copy as ${kind}`);
        await page.waitForSelector(`#state:text-is("copied as ${kind}")`);
        copies[kind] = await page.evaluate(() => navigator.clipboard.readText());
      }
      return { copies, errors };
    """
    found = run_in_browser(OPEN + script, server.url)
    assert found["errors"] == []
    curl, stub, test = (found["copies"][kind] for kind in ("curl", "stub", "pytest"))
    words = shlex.split(curl)
    assert words[:4] == ["curl", "-X", "POST", f"{server.url}/v1/chat/completions"]
    assert json.loads(words[words.index("--data-raw") + 1]) == asking(prompt, stream=True)
    assert f"x-note: {MARKUP}" in words
    assert SECRET not in curl
    with MockServer() as other:
        other.load(stub)
        reply = send(other.url, "POST", "/v1/chat/completions", asking(prompt))
        assert reply.json["choices"][0]["message"]["content"] == "two {{ it's\nlines"
        other.reset()
        scope: dict[str, object] = {}
        exec(compile(test, "copied.py", "exec"), scope)
        assert "test_exchange_1" in scope


def test_reset_pauses_and_sandboxes(server: MockServer) -> None:
    server.stub(name="slow", reply="x")
    ask(server, "one")
    send(server.url, "POST", "/sandbox/other/v1/chat/completions", asking("two"))
    script = """
      page.on("dialog", (dialog) => dialog.accept());
      await page.click("nav >> text=Stubs");
      await page.click("text=Pause replies");
      await page.waitForSelector("text=Resume (0 waiting)");
      const gates = await page.evaluate(() => fetch("/__admin/gates").then((one) => one.json()));
      await page.click("text=Resume (0 waiting)");
      await page.waitForSelector("text=Pause replies");
      await page.click("nav >> text=Exchanges");
      await page.selectOption("#sandbox", "other");
      await page.waitForFunction(() => document.querySelector(".row")?.innerText.includes("two"));
      await page.selectOption("#sandbox", "default");
      await page.waitForFunction(() => document.querySelector(".row")?.innerText.includes("one"));
      await page.click("#verify");
      await page.waitForSelector("#showing[open]");
      const report = await page.inputValue("#content");
      await page.click("#close");
      await page.click("#reset");
      await page.waitForFunction(() => !document.querySelector(".row"));
      return { gates, report, errors };
    """
    found = run_in_browser(OPEN + script, server.url)
    assert [gate["stub"] for gate in found["gates"]["gates"]] == ["slow"]
    assert found["report"].startswith("OK")
    assert found["errors"] == []
    journal = send(f"http://{urlsplit(server.url).netloc}", "GET", "/__admin/journal").json
    assert journal["entries"] == []


def test_new_exchanges_and_their_end_appear(server: MockServer) -> None:
    slow = {"output": [{"text": "x"}], "faults": [{"delay": {"before": "text.delta[0]", "for": "4s"}}]}
    server.stub(name="slow", when={"user": "slow"}, reply=slow)
    ask(server, "one")
    script = """
      const ask = (content) => page.evaluate(async (content) => {
        const headers = { authorization: "Bearer any", "content-type": "application/json" };
        const body = JSON.stringify({ model: "m", stream: true, messages: [{ role: "user", content }] });
        return (await fetch("/v1/chat/completions", { method: "POST", headers, body })).text();
      }, content);
      const row = (at, text) => page.waitForFunction(
        ([at, text]) => document.querySelectorAll(".row")[at]?.innerText.includes(text), [at, text]);
      const slow = ask("slow");
      await row(1, "in flight");
      await page.click(".row >> nth=1");
      await page.waitForSelector("#detail >> text=in flight");
      await ask("again").catch(() => null);
      await row(2, "again");
      const before = await texts(".row");
      await slow;
      await row(1, "complete");
      await page.waitForSelector("#detail >> text=complete,");
      return [before[1].includes("in flight"), (await texts(".row")).length];
    """
    assert run_in_browser(OPEN + script, server.url) == [True, 3]


def test_a_journal_that_begins_anew_and_a_sandbox_named_like_a_path(server: MockServer) -> None:
    ask(server, "one")
    named = {"authorization": "Bearer any", "x-mockserver-sandbox": ".."}
    send(server.url, "POST", "/v1/chat/completions", asking("dots"), named)
    script = """
      page.on("dialog", (dialog) => dialog.accept());
      await page.evaluate(() => fetch("/__admin/journal", { method: "DELETE" }));
      await page.evaluate(() => fetch("/v1/models/other"));
      await page.waitForFunction(() => document.querySelector(".row")?.innerText.includes("/v1/models/other"));
      await page.selectOption("#sandbox", "..");
      await page.waitForFunction(() => document.querySelector(".row")?.innerText.includes("dots"));
      await page.click("#reset");
      await page.waitForFunction(() => !document.querySelector(".row"));
      await page.selectOption("#sandbox", "default");
      await page.waitForSelector(".row");
      return texts(".row .number");
    """
    assert run_in_browser(OPEN + script, server.url) == ["#1"]
