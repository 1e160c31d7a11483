"""What a secret looks like: names that hold one, and patterns that are one wherever they stand.

A pattern with a group `v` is secret in that group alone. Each row is what is found, for a placeholder of its form."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Final
from urllib.parse import quote

_CORE: Final = (
    r"(?:api[-_ ]?keys?|(?:access|refresh|id|auth|oauth|session|bearer|csrf|xsrf|security|secret)[-_ ]?tokens?"
    r"|secrets?(?:[-_ ]?(?:access)?[-_ ]?key)?|pass(?:word|wd|phrase)|pwd|authori[sz]ation|cookies?"
    r"|(?:private|access|account|signing|encryption)[-_ ]?key(?:[-_ ]?id)?|session[-_ ]?id|credentials?|signature"
    r"|organi[sz]ation(?:[-_ ]?id)?|org[-_ ]?id|openai-project|project[-_ ]?id)"
)
NAMED: Final = re.compile(rf"(?is).*{_CORE}")
"""Names of headers, members, parameters and variables whose whole value is secret."""

MAYBE_NAMED: Final = re.compile(
    r"(?i)(?!prompt_cache_key|idempotency-key)(?:.*[-_.])?(?:token|key|auth|jwt|bearer|pass|pat|pin|otp|sid|session)"
)
"""Names whose value is secret if it looks random."""

RANDOM: Final = re.compile(r"(?=\S*\d)(?=\S*[A-Za-z])[A-Za-z0-9+/_.~=-]{12,}")
"""What looks random."""

_IN_URL: Final = "key|sig|code|token|auth"
# Further names of secret parameters of URLs and forms.

ENCRYPTED: Final = frozenset({"encrypted_content", "thought_signature"})
"""Members with encrypted reasoning."""

# No named value of such a form is a secret: a placeholder, a reference to a variable, a word that describes one.
HARMLESS: Final = re.compile(
    r"(?is)\s*|.{0,3}|.*REDACTED.*|.*XXX|[*xX.\-]+|<.*>|\$\{?\w+\}?|\{\{.*|%\w+%|dummy.*|fake.*|filtered|true|false|null|none"
    r"|string|integer|number|object|array|required|optional|default|auto|undefined"
    r"|[\w-]*(?:api[-_]?key|token|secret|password|cookie|org[-_]id)"
)

_MAILBOX: Final = r"[a-z0-9._%+'-]"
_WORD: Final = r"(?<![\w-])"
_PREFIXES = (
    r"(?:sk|pk|rk|ek|sess|csk|fw|dop_v1|shpat|lin_api|lsv2_pt|lsv2_sk|phc|whsec|xapp|nvapi|tvly|pplx|xai|gsk|hf|r8|glpat|npm"
    r"|github_pat|gh[pousr]|xox[a-z]|pypi|ATATT|dapi)"
)
PATTERNS: Final = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("key", r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"),
        ("key", r"\beyJ[\w-]{8,}(?:\.[\w-]*){1,4}"),
        ("key", r"(?i)\b(?:bearer|basic)\s+(?P<v>(?=\S*[\d=])(?!REDACTED)[A-Za-z0-9._~+/-]{8,}=*)"),
        ("key", rf"{_WORD}{_PREFIXES}[-_](?=[\w-]*\d)(?:[A-Za-z0-9]+[-_])*[A-Za-z0-9_-]{{16,}}"),
        ("key", rf"{_WORD}sk-(?:proj|svcacct|admin|ant|or|live|test)[\w-]{{8,}}"),
        (
            "key",
            r"\bAIza[\w-]{30,}|\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b|\bya29\.[\w-]{10,}|\bSG\.[\w-]{10,}\.[\w-]{10,}",
        ),
        ("key", r"\bdapi[0-9a-f]{32}|\bAC[0-9a-f]{32}\b|\bkey-[0-9a-f]{32}\b|\b\d{8,10}:AA[\w-]{30,}"),
        ("key", r"(?i)hooks\.slack\.com/services/(?P<v>[\w/]+)|discord(?:app)?\.com/api/webhooks/(?P<w>[\w/-]+)"),
        ("org", r"\b(?:org|proj|user|acct)[-_](?=[A-Za-z0-9]*\d)[A-Za-z0-9]{8,}\b|\borg-[A-Za-z0-9]{12,}"),
        ("org", r"\bft:[\w.-]+:(?P<v>(?!REDACTED)[\w-]+):"),
        (
            "mail",
            rf"(?i)(?<!{_MAILBOX})(?!REDACTED-\d){_MAILBOX}{{1,64}}(?:@|%40|\\u0040)(?:[a-z0-9-]{{1,63}}\.){{1,8}}[a-z]{{2,24}}\b",
        ),
        ("key", r"://(?P<v>[^/\s:@\"'\\]*:[^/\s@\"'\\]+)@"),
        ("key", rf"(?i)[?&][\w.-]{{0,40}}?(?:{_CORE}|{_IN_URL})=(?P<v>[^&\s\"'#\\<>]+)"),
        ("key", r"(?im)^[ \t]*(?:set-)?cookie:[ \t]*(?P<v>[^\r\n]+)"),
        ("key", rf"(?i){_CORE}(?:\\*[\"'])?\s*[:=]\s*(?P<q>\\*[\"'])(?P<v>(?:(?!(?P=q)).){{4,}}?)(?P=q)"),
        ("key", rf"(?i){_CORE}\s*[:=]\s*(?:(?:bearer|basic)\s+)?(?P<v>(?=[^\s\"',;]*\d)[^\s\"',;{{}}()\[\]\\]{{6,}})"),
    )
)
"""Kind and pattern."""


def spellings(secret: str) -> set[str]:
    """How a secret may stand elsewhere: as it is, in a URL, in base64 at any of the three alignments."""
    found = {secret, quote(secret, safe=""), secret.encode("unicode_escape").decode()}
    data = secret.encode("utf-8", "surrogatepass")
    if len(data) >= 12:
        for before in range(3):
            # Characters that neighbouring bytes have a part in are left out.
            whole = b64encode(b"\0" * before + data)
            core = whole[(before * 8 + 5) // 6 : (before + len(data)) * 8 // 6].decode()
            found |= {core, core.replace("+", "-").replace("/", "_")}
    return found
