"""One sandbox from a test's side: say what is answered, see what was asked, judge.

The same object near and far. Every method may be called from any thread but those that wait
(`wait_for`, `settle`, `verify`) must not be called on the event loop that runs the server.
"""

from __future__ import annotations

from mockserver.client.answered import AnsweringSandbox
from mockserver.client.judged import JudgedSandbox


class SandboxClient(AnsweringSandbox, JudgedSandbox):
    """`url` is the sandbox's root, `base_url` what an OpenAI client takes."""
