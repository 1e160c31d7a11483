"""Near and far the journal says which of several stubs was chosen, and why."""

from __future__ import annotations

from tests.client.conftest import chat
from tests.kit import SandboxClient

HERE = "tests/client/test_choice.py"


def test_the_journal_has_the_reason_why_other_stubs_were_not_chosen(sandbox: SandboxClient) -> None:
    sandbox.stub(name="once", reply="a", times="..1", priority=1)
    sandbox.stub(name="always", reply="b")
    sandbox.stub(name="spare", reply="c", priority=-5)
    chat(sandbox, "first")
    chat(sandbox, "second")
    first, second = sandbox.requests
    assert first.report.split("\n")[1:] == [
        f'    also     {HERE}:13 "always" — matches, but has priority 0, not 1',
        f'    also     {HERE}:14 "spare" — matches, but has priority -5, not 1',
    ]
    assert second.report.split("\n")[1:] == [
        f'    also     {HERE}:12 "once" — matches, but exhausted (1/1 calls)',
        f'    also     {HERE}:14 "spare" — matches, but has priority -5, not 0',
    ]
    assert sandbox.journal.text == f"{first.report}\n{second.report}"
