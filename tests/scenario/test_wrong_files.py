"""Files as people get them wrong: every problem of each, to the letter.

The texts of the second table are stubs, which begin at line 2, column 5.
"""

from __future__ import annotations

import pytest

from mockserver.scenario.stubs import MAX_STUBS
from tests.scenario.loading import problems

FILES: list[tuple[str, list[str]]] = [
    (
        "",
        [
            "f.yaml:1:1: empty; expected a mapping with 'stubs'",
        ],
    ),
    (
        "# nothing",
        [
            "f.yaml:1:1: empty; expected a mapping with 'stubs'",
        ],
    ),
    (
        "- a",
        [
            "f.yaml:1:1: expected a scenario, which is a mapping with 'stubs', got a list",
        ],
    ),
    (
        "just text",
        [
            "f.yaml:1:1: expected a scenario, which is a mapping with 'stubs', got 'just text'",
        ],
    ),
    (
        "stubs:",
        [
            "f.yaml:1:1: stubs: expected a list of stubs, got nothing",
        ],
    ),
    (
        "stubs: []",
        [
            "f.yaml:1:8: stubs: expected a list of stubs, got an empty list",
        ],
    ),
    (
        "stubs: {reply: hi}",
        [
            "f.yaml:1:8: stubs: expected a list of stubs, got a mapping",
        ],
    ),
    (
        "stub: [{reply: hi}]",
        [
            "f.yaml:1:1: stub: unknown key 'stub'; did you mean 'stubs'?",
        ],
    ),
    (
        "scenario: 5\nstubs: [{reply: hi}]",
        [
            "f.yaml:1:11: scenario: expected a single-line string, got 5; quote it to make it a string",
        ],
    ),
    (
        'scenario: "a\\nb"\nstubs: [{reply: hi}]',
        [
            "f.yaml:1:11: scenario: expected a single-line string, got 'a\\nb'",
        ],
    ),
    (
        "stubs: [{reply: hi}]\ndialect: opnai\nseed: -1\nabout: [x]",
        [
            "f.yaml:2:10: dialect: unknown dialect 'opnai'; did you mean 'openai'?",
            "f.yaml:3:7: seed: expected a whole number from 0, got -1",
            "f.yaml:4:8: about: expected a string, got a list",
        ],
    ),
    (
        "stubs: [{reply: hi}]\nseed: 1.5",
        [
            "f.yaml:2:7: seed: expected a whole number from 0, got 1.5",
        ],
    ),
    (
        "stubs:\n  - {}",
        [
            "f.yaml:2:5: stubs[0]: one of the keys 'reply' or 'replies' is missing",
        ],
    ),
    (
        "stubs:\n  - reply: hi\n    replies: [ho]",
        [
            "f.yaml:3:5: stubs[0].replies: 'reply' and 'replies' exclude each other",
        ],
    ),
    (
        "stubs:\n  - replies: []",
        [
            "f.yaml:2:14: stubs[0].replies: expected a list of replies, got an empty list",
        ],
    ),
    (
        "stubs:\n  - name: a\n    reply: hi\n  - name: a\n    reply: ho\n  - name: stub 4\n    reply: hi\n  - reply: x",
        [
            "f.yaml:4:11: stubs[1].name: stub name 'a' is taken by the stub at line 2, column 5",
            "f.yaml:8:5: stubs[3]: stub name 'stub 4' is taken by the stub at line 6, column 5",
        ],
    ),
    (
        "stubs:\n  - on: chta\n    reply: hi",
        [
            "f.yaml:2:9: stubs[0].on: expected chat, responses, compact, or a list of them, got 'chta'; did you mean 'chat'?",
        ],
    ),
    (
        "stubs:\n  - on: [chat, chat, foo, 3]\n    reply: hi",
        [
            "f.yaml:2:16: stubs[0].on[1]: 'chat' is listed twice",
            "f.yaml:2:22: stubs[0].on[2]: expected 'chat', 'responses' or 'compact', got 'foo'",
            "f.yaml:2:27: stubs[0].on[3]: expected 'chat', 'responses' or 'compact', got 3",
        ],
    ),
    (
        "stubs:\n  - on: []\n    reply: hi",
        [
            "f.yaml:2:9: stubs[0].on: expected a list of endpoints, got an empty list",
        ],
    ),
    (
        "stubs:\n  - on:\n    reply: hi",
        [
            "f.yaml:2:5: stubs[0].on: expected chat, responses, compact, or a list of them, got nothing",
        ],
    ),
    (
        'defaults: {output: [], pace: {gap: 3}, finsh: stop, faults: [{cut: x}], headers: {"a b": c}, breaks: []}\nstubs:\n  - reply: hi\n  - reply: ho',
        [
            "f.yaml:1:12: defaults.output: unknown key 'output'; known are chunks, created, faults, fields, finish, headers, id, model, pace, status, usage",
            "f.yaml:1:36: defaults.pace.gap: expected a duration with its unit, such as 200ms, 1.5s or 2m, got 3",
            "f.yaml:1:40: defaults.finsh: unknown key 'finsh'; did you mean 'finish'?",
            'f.yaml:1:68: defaults.faults[0].cut: expected a mapping such as {after: 3}, got "x"',
            "f.yaml:1:90: defaults.headers.a b: header name 'a b' is no token (letters, digits and !#$%&'*+-.^_`|~)",
            "f.yaml:1:94: defaults.breaks: unknown key 'breaks'; known are chunks, created, faults, fields, finish, headers, id, model, pace, status, usage",
        ],
    ),
    (
        "defaults: {finish: x}\nstubs: [{reply: 3}]\ndialect: ./x.yaml\n",
        [
            "f.yaml:1:20: defaults.finish: expected 'stop', 'length', 'content_filter', 'tool_calls', 'failed' or 'cancelled', got 'x'",
            "f.yaml:2:17: stubs[0].reply: expected a string or a mapping, got 3; quote it to make it a string",
            "f.yaml:3:10: dialect: unknown dialect './x.yaml'; known are openai",
        ],
    ),
]
STUBS: list[tuple[str, list[str]]] = [
    (
        "{times: -1, reply: hi}",
        [
            "f.yaml:2:13: stubs[0].times: expected a number or a range such as 2, '1..', '..3' or '2..4', got -1",
        ],
    ),
    (
        "{times: 4..2, reply: hi}",
        [
            "f.yaml:2:13: stubs[0].times: the range '4..2' is empty; write the smaller number first",
        ],
    ),
    (
        "{times: .., reply: hi}",
        [
            "f.yaml:2:13: stubs[0].times: expected a number or a range such as 2, '1..', '..3' or '2..4', got '..'",
        ],
    ),
    (
        "{times: 1.5, reply: hi}",
        [
            "f.yaml:2:13: stubs[0].times: expected a number or a range such as 2, '1..', '..3' or '2..4', got 1.5",
        ],
    ),
    (
        "{times: twice, reply: hi}",
        [
            "f.yaml:2:13: stubs[0].times: expected a number or a range such as 2, '1..', '..3' or '2..4', got 'twice'",
        ],
    ),
    (
        "{times: 1-2, reply: hi}",
        [
            "f.yaml:2:13: stubs[0].times: expected a number or a range such as 2, '1..', '..3' or '2..4', got '1-2'",
        ],
    ),
    (
        "{priority: high, reply: hi}",
        [
            "f.yaml:2:16: stubs[0].priority: expected a whole number, got 'high'",
        ],
    ),
    (
        "{then: mis, reply: hi}",
        [
            "f.yaml:2:12: stubs[0].then: expected 'repeat', 'miss' or 'cycle', got 'mis'; did you mean 'miss'?",
        ],
    ),
    (
        "{then: stop, reply: hi}",
        [
            "f.yaml:2:12: stubs[0].then: expected 'repeat', 'miss' or 'cycle', got 'stop'",
        ],
    ),
    (
        "{name: 4, reply: 5}",
        [
            "f.yaml:2:12: stubs[0].name: expected a single-line string, got 4; quote it to make it a string",
            "f.yaml:2:22: stubs[0].reply: expected a string or a mapping, got 5; quote it to make it a string",
        ],
    ),
    (
        "{reply: }",
        [
            "f.yaml:2:6: stubs[0].reply: expected a string or a mapping, got nothing",
        ],
    ),
    (
        "{reply: [hi]}",
        [
            "f.yaml:2:13: stubs[0].reply: expected a string or a mapping, got a list",
        ],
    ),
    (
        "reply: {}",
        [
            "f.yaml:2:12: stubs[0].reply: one of the keys 'output', 'json', 'choices', 'error', 'body', 'events' or 'raw' is missing",
        ],
    ),
    (
        "reply: {outptu: []}",
        [
            "f.yaml:2:13: stubs[0].reply.outptu: unknown key 'outptu'; did you mean 'output'?",
        ],
    ),
    (
        "reply: {status: 200}",
        [
            "f.yaml:2:12: stubs[0].reply: one of the keys 'output', 'json', 'choices', 'error', 'body', 'events' or 'raw' is missing",
        ],
    ),
    (
        "reply: {output: [], body: x, raw: y}",
        [
            "f.yaml:2:25: stubs[0].reply.body: 'output' and 'body' exclude each other",
            "f.yaml:2:34: stubs[0].reply.raw: 'output' and 'raw' exclude each other",
        ],
    ),
    (
        "reply: {output: hi}",
        [
            "f.yaml:2:21: stubs[0].reply.output: expected a list of output items, got 'hi'",
        ],
    ),
    (
        "reply: {output: {text: hi}}",
        [
            "f.yaml:2:21: stubs[0].reply.output: expected a list of output items, got a mapping",
        ],
    ),
    (
        "reply: {output: [hi]}",
        [
            "f.yaml:2:22: stubs[0].reply.output[0]: expected an output item such as {text: …}, got 'hi'",
        ],
    ),
    (
        "reply: {output: [{txt: hi}]}",
        [
            "f.yaml:2:23: stubs[0].reply.output[0].txt: unknown key 'txt'; did you mean 'text'?",
        ],
    ),
    (
        "reply: {output: [{foo: hi}]}",
        [
            "f.yaml:2:22: stubs[0].reply.output[0]: expected one of the keys text, json, refusal, reasoning, call, custom_call, audio, web_search, file_search, code_interpreter, image, mcp_list_tools, mcp_call, mcp_approval, compaction, item or error, got 'foo'",
        ],
    ),
    (
        "reply: {output: [{}]}",
        [
            "f.yaml:2:22: stubs[0].reply.output[0]: expected one of the keys text, json, refusal, reasoning, call, custom_call, audio, web_search, file_search, code_interpreter, image, mcp_list_tools, mcp_call, mcp_approval, compaction, item or error",
        ],
    ),
    (
        "reply: {output: [{text: hi, call: x}]}",
        [
            "f.yaml:2:33: stubs[0].reply.output[0].call: 'text' and 'call' exclude each other",
        ],
    ),
    (
        "reply: {output: [{text: 18}]}",
        [
            "f.yaml:2:29: stubs[0].reply.output[0].text: expected a string, got 18; quote it to make it a string",
        ],
    ),
    (
        "reply: {output: [{text: hi, chunk: 3}]}",
        [
            "f.yaml:2:33: stubs[0].reply.output[0].chunk: unknown key 'chunk'; did you mean 'chunks'?",
        ],
    ),
    (
        "reply: {output: [{text: hi, chunks: 0}]}",
        [
            "f.yaml:2:41: stubs[0].reply.output[0].chunks: expected word, char, a number of characters, or a list of pieces, got 0",
        ],
    ),
    (
        "reply: {output: [{text: hi, chunks: [h, o]}]}",
        [
            "f.yaml:2:41: stubs[0].reply.output[0].chunks: the pieces add up to 'ho', expected 'hi'",
        ],
    ),
    (
        "reply: {output: [{text: hi, chunks: words}]}",
        [
            "f.yaml:2:41: stubs[0].reply.output[0].chunks: expected word, char, a number of characters, or a list of pieces, got 'words'; did you mean 'word'?",
        ],
    ),
    (
        "reply: {output: [{text: hi, chunks: [h, '', i]}]}",
        [
            "f.yaml:2:45: stubs[0].reply.output[0].chunks[1]: expected a string that is not empty, got ''",
        ],
    ),
    (
        "reply: {output: [{reasoning: think}]}",
        [
            "f.yaml:2:34: stubs[0].reply.output[0].reasoning: expected a mapping of summary, content, encrypted, got 'think'",
        ],
    ),
    (
        "reply: {output: [{call: x, arguments: [1]}]}",
        [
            "f.yaml:2:43: stubs[0].reply.output[0].arguments: expected a mapping, or a string that is sent as it is, got a list",
        ],
    ),
    (
        "reply: {output: [{custom_call: x}]}",
        [
            "f.yaml:2:22: stubs[0].reply.output[0]: key 'input' is missing",
        ],
    ),
    (
        "reply: {output: [{item: {id: x}}]}",
        [
            "f.yaml:2:29: stubs[0].reply.output[0].item: key 'type' is missing",
        ],
    ),
    (
        "reply: {output: [{error: rate_limitd}, {text: hi}], finish: stop}",
        [
            "f.yaml:2:30: stubs[0].reply.output[0].error: unknown error 'rate_limitd'; did you mean 'rate_limited'?",
            "f.yaml:2:44: stubs[0].reply.output[1]: nothing may follow an error; the reply ends with it",
            "f.yaml:2:57: stubs[0].reply.finish: an error ends this reply; remove 'finish'",
        ],
    ),
    (
        "reply: {output: [{error: {status: 42, foo: 1}, as: faild}]}",
        [
            "f.yaml:2:39: stubs[0].reply.output[0].error.status: expected an HTTP status from 200 to 599, got 42",
            "f.yaml:2:43: stubs[0].reply.output[0].error.foo: unknown key 'foo'; known are code, fields, message, name, param, status, type",
            "f.yaml:2:56: stubs[0].reply.output[0].as: expected 'failed', 'event' or 'both', got 'faild'; did you mean 'failed'?",
        ],
    ),
    (
        "reply: {output: [{error: {}}]}",
        [
            "f.yaml:2:30: stubs[0].reply.output[0].error: expected a name from the catalogue, or a mapping of status, type, code, param, message, got an empty mapping",
        ],
    ),
    (
        "reply: {output: [{mcp_call: x, server: y, output: a, error: b}]}",
        [
            "f.yaml:2:58: stubs[0].reply.output[0].error: 'output' and 'error' exclude each other",
        ],
    ),
    (
        "reply: {choices: [{text: hi}]}",
        [
            "f.yaml:2:23: stubs[0].reply.choices[0]: expected a list of output items, got a mapping",
        ],
    ),
    (
        "reply: {choices: []}",
        [
            "f.yaml:2:22: stubs[0].reply.choices: expected a list of outputs, got an empty list",
        ],
    ),
    (
        "reply: {error: 429}",
        [
            "f.yaml:2:20: stubs[0].reply.error: expected a name from the catalogue, or a mapping of status, type, code, param, message, got 429",
        ],
    ),
    (
        "reply: {error: {message: hi, fields: {code: x}}, finish: stop, chunks: 3}",
        [
            "f.yaml:2:43: stubs[0].reply.error.fields.code: 'code' belongs next to 'fields', not in it",
            "f.yaml:2:54: stubs[0].reply.finish: 'finish' does not apply to a reply with 'error'",
            "f.yaml:2:68: stubs[0].reply.chunks: 'chunks' does not apply to a reply with 'error'",
        ],
    ),
    (
        "reply: {error: {name: foo}}",
        [
            "f.yaml:2:27: stubs[0].reply.error.name: unknown error 'foo'; known are overloaded, rate_limited, server_error",
        ],
    ),
    (
        "reply: {body: }",
        [
            "f.yaml:2:13: stubs[0].reply.body: expected JSON, or a string, got nothing",
        ],
    ),
    (
        "reply: {body: x, usage: {input: 1}}",
        [
            "f.yaml:2:22: stubs[0].reply.usage: 'usage' does not apply to a reply with 'body'",
        ],
    ),
    (
        "reply: {events: {data: x}}",
        [
            "f.yaml:2:21: stubs[0].reply.events: expected a list of events, got a mapping",
        ],
    ),
    (
        'reply: {events: [{dat: x}, {data: [1]}, {data: x, event: "a\\nb"}, 3]}',
        [
            "f.yaml:2:23: stubs[0].reply.events[0].dat: unknown key 'dat'; did you mean 'data'?",
            "f.yaml:2:39: stubs[0].reply.events[1].data: expected a mapping, or a string that is sent as it is, got a list",
            "f.yaml:2:62: stubs[0].reply.events[2].event: expected the name of an event, a single-line string, got 'a\\nb'",
            "f.yaml:2:71: stubs[0].reply.events[3]: expected an event such as {event: …, data: …}, or its data where that is a string, got 3; quote it to make it a string",
        ],
    ),
    (
        'reply: {raw: {base64: "abc"}}',
        [
            "f.yaml:2:27: stubs[0].reply.raw.base64: 'abc' is not base64: incorrect padding",
        ],
    ),
    (
        'reply: {raw: {bas64: "abc"}}',
        [
            "f.yaml:2:19: stubs[0].reply.raw.bas64: unknown key 'bas64'; did you mean 'base64'?",
        ],
    ),
    (
        "reply: {raw: x, status: 200, headers: {a: b}, model: x}",
        [
            "f.yaml:2:21: stubs[0].reply.status: 'status' does not apply to a reply with 'raw'",
            "f.yaml:2:34: stubs[0].reply.headers: 'headers' does not apply to a reply with 'raw'",
            "f.yaml:2:51: stubs[0].reply.model: 'model' does not apply to a reply with 'raw'",
        ],
    ),
    (
        "reply: {output: [], usage: {input: -1, output: many, total: 3}}",
        [
            "f.yaml:2:40: stubs[0].reply.usage.input: expected a whole number from 0, got -1",
            "f.yaml:2:52: stubs[0].reply.usage.output: expected a whole number from 0, got 'many'",
            "f.yaml:2:58: stubs[0].reply.usage.total: unknown key 'total'; known are cached, input, output, reasoning",
        ],
    ),
    (
        "reply: {output: [], id: '', model: 4, created: now, fields: []}",
        [
            "f.yaml:2:29: stubs[0].reply.id: expected a string that is not empty, got ''",
            "f.yaml:2:40: stubs[0].reply.model: expected a string, got 4; quote it to make it a string",
            "f.yaml:2:52: stubs[0].reply.created: expected a whole number from 0, got 'now'",
            "f.yaml:2:65: stubs[0].reply.fields: expected a mapping, got an empty list",
        ],
    ),
    (
        "reply: {output: [], status: 99}",
        [
            "f.yaml:2:33: stubs[0].reply.status: expected an HTTP status from 200 to 599, got 99",
        ],
    ),
    (
        "reply: {output: [], status: 200 OK}",
        [
            "f.yaml:2:33: stubs[0].reply.status: expected an HTTP status from 200 to 599, got '200 OK'",
        ],
    ),
    (
        'reply: {output: [], headers: {"a b": c, x: "a\\r\\nb", y: "é", z: "😀", X: d, q: {a: b}, l: []}}',
        [
            "f.yaml:2:42: stubs[0].reply.headers.a b: header name 'a b' is no token (letters, digits and !#$%&'*+-.^_`|~)",
            "f.yaml:2:48: stubs[0].reply.headers.x: value 'a\\r\\nb' of header 'x' has characters that no header line can carry",
            "f.yaml:2:69: stubs[0].reply.headers.z: value '😀' of header 'z' has characters that no header line can carry",
            "f.yaml:2:74: stubs[0].reply.headers.X: header 'X' was given before as 'x'",
            "f.yaml:2:83: stubs[0].reply.headers.q: expected a string or a list of strings, got a mapping",
            "f.yaml:2:94: stubs[0].reply.headers.l: expected a string or a list of strings, got an empty list",
        ],
    ),
    (
        "reply: {output: [], headers: [a, b]}",
        [
            "f.yaml:2:34: stubs[0].reply.headers: expected a mapping of header names and values, got a list",
        ],
    ),
    (
        "reply: {output: [], pace: {first: 200}}",
        [
            "f.yaml:2:39: stubs[0].reply.pace.first: expected a duration with its unit, such as 200ms, 1.5s or 2m, got 200",
        ],
    ),
    (
        'reply: {output: [], pace: {first: 1 h, gap: -1s, jitter: "1.5 s", foo: 1s}}',
        [
            "f.yaml:2:39: stubs[0].reply.pace.first: expected a duration with its unit, such as 200ms, 1.5s or 2m, got '1 h'",
            "f.yaml:2:49: stubs[0].reply.pace.gap: expected a duration with its unit, such as 200ms, 1.5s or 2m, got '-1s'",
            "f.yaml:2:71: stubs[0].reply.pace.foo: unknown key 'foo'; known are first, gap, jitter, per_event",
        ],
    ),
    (
        "reply: {output: [], pace: {per_event: [1s], gap: 1s}}",
        [
            "f.yaml:2:49: stubs[0].reply.pace.gap: 'per_event' replaces 'first', 'gap' and 'jitter'; give one or the other",
        ],
    ),
    (
        "reply: {output: [], pace: 20ms}",
        [
            "f.yaml:2:31: stubs[0].reply.pace: expected a mapping of first, gap, jitter, or of per_event, got '20ms'",
        ],
    ),
    (
        "reply: {output: [], faults: {cut: {after: 1}}}",
        [
            "f.yaml:2:33: stubs[0].reply.faults: expected a list of faults, got a mapping",
        ],
    ),
    (
        "reply: {output: [], faults: [cut, {cutt: {after: 1}}, {cut: {aftr: 1}}, {cut: {after: 1}, reset: {at: head}}, {}, {cut: {after: x, chance: 1}}, {stall: {after: 1, for: 5}}]}",
        [
            "f.yaml:2:34: stubs[0].reply.faults[0]: expected a fault such as {cut: {after: 3}}, got 'cut'",
            "f.yaml:2:40: stubs[0].reply.faults[1].cutt: unknown fault 'cutt'; the nearest is 'cut'",
            "f.yaml:2:66: stubs[0].reply.faults[2].cut.aftr: unknown key 'aftr'; the nearest is 'after'",
            "f.yaml:2:77: stubs[0].reply.faults[3]: expected exactly one fault in an element, got 'cut', 'reset'",
            "f.yaml:2:115: stubs[0].reply.faults[4]: expected exactly one fault in an element, got none",
            "f.yaml:2:144: stubs[0].reply.faults[5].cut.chance: 'chance' belongs next to the name of the fault, not inside its value",
            "f.yaml:2:173: stubs[0].reply.faults[6].stall.for: expected a duration such as '200ms' or '1.5s', got 5",
        ],
    ),
    (
        "reply: {output: [], faults: [{cut: {after: 1}}, {end: {after: 1}}]}",
        [
            "f.yaml:2:53: stubs[0].reply.faults[1]: faults[0] ('cut') stops the reply already; leave one of them out or give one a chance",
        ],
    ),
    (
        "reply: {output: [], breaks: foo}",
        [
            "f.yaml:2:33: stubs[0].reply.breaks: expected a list of rule ids, got 'foo'",
        ],
    ),
    (
        "reply: {output: [], breaks: [foo, responses.terminal.mising]}",
        [
            "f.yaml:2:34: stubs[0].reply.breaks[0]: unknown rule 'foo'; `mockserver rules` lists them",
            "f.yaml:2:39: stubs[0].reply.breaks[1]: unknown rule 'responses.terminal.mising'; did you mean 'responses.terminal.missing'?",
        ],
    ),
    (
        "reply: {output: [], finish: lenght}",
        [
            "f.yaml:2:33: stubs[0].reply.finish: expected 'stop', 'length', 'content_filter', 'tool_calls', 'failed' or 'cancelled', got 'lenght'; did you mean 'length'?",
        ],
    ),
    (
        "reply: {output: [], finish: done}",
        [
            "f.yaml:2:33: stubs[0].reply.finish: expected 'stop', 'length', 'content_filter', 'tool_calls', 'failed' or 'cancelled', got 'done'",
        ],
    ),
    (
        "when: chat\n    reply: hi",
        [
            "f.yaml:2:11: stubs[0].when: expected a mapping of conditions, got 'chat'",
        ],
    ),
    (
        "when:\n    reply: hi",
        [
            "f.yaml:2:5: stubs[0].when: expected a mapping of conditions, got nothing",
        ],
    ),
    (
        "when: {modl: x}\n    reply: hi",
        [
            "f.yaml:2:12: stubs[0].when.modl: unknown key 'modl'; did you mean 'model'?",
        ],
    ),
    (
        "when: {model: 4, stream: yes, user: , system: [], any_text: {}, turn: x}\n    reply: hi",
        [
            "f.yaml:2:19: stubs[0].when.model: expected a string, true, false, or a mapping of equals, contains, matches, one_of, not, got 4; quote it to make it a string",
            "f.yaml:2:30: stubs[0].when.stream: expected true or false, got 'yes'",
            "f.yaml:2:35: stubs[0].when.user: expected a string, true, false, or a mapping of equals, contains, matches, one_of, not, got nothing",
            "f.yaml:2:51: stubs[0].when.system: expected a string, true, false, or a mapping of equals, contains, matches, one_of, not, got an empty list",
            "f.yaml:2:65: stubs[0].when.any_text: expected a mapping of equals, contains, matches, one_of, not, got an empty mapping",
            "f.yaml:2:75: stubs[0].when.turn: expected a number or a range such as 2, '1..', '..3' or '2..4', got 'x'",
        ],
    ),
    (
        "when: {user: {contain: x, equals: 3}, system: {one_of: x}, any_text: {one_of: []}, model: {not: 5}}\n    reply: hi",
        [
            "f.yaml:2:19: stubs[0].when.user.contain: unknown key 'contain'; did you mean 'contains'?",
            "f.yaml:2:39: stubs[0].when.user.equals: expected a string, got 3; quote it to make it a string",
            "f.yaml:2:60: stubs[0].when.system.one_of: expected a list of strings, got 'x'",
            "f.yaml:2:83: stubs[0].when.any_text.one_of: expected a list of strings, got an empty list",
            "f.yaml:2:101: stubs[0].when.model.not: expected a string, or a mapping of equals, contains, matches, one_of, not, got 5; quote it to make it a string",
        ],
    ),
    (
        'when: {user: {matches: "("}, any_text: {not: {matches: "*"}}, model: {matches: "(?P<a"}}\n    reply: hi',
        [
            "f.yaml:2:28: stubs[0].when.user.matches: '(' is no regular expression: missing ), unterminated subpattern at position 0",
            "f.yaml:2:60: stubs[0].when.any_text.not.matches: '*' is no regular expression: nothing to repeat at position 0",
            "f.yaml:2:84: stubs[0].when.model.matches: '(?P<a' is no regular expression: missing >, unterminated name at position 4",
        ],
    ),
    (
        "when: {tool_result: get_weather}\n    reply: hi",
        [
            "f.yaml:2:25: stubs[0].when.tool_result: expected true, false, or a mapping of of, call_id, text, got 'get_weather'",
        ],
    ),
    (
        "when: {tool_result: {off: x}}\n    reply: hi",
        [
            "f.yaml:2:26: stubs[0].when.tool_result.off: unknown key 'off'; did you mean 'of'?",
        ],
    ),
    (
        "when: {tool_result: {}}\n    reply: hi",
        [
            "f.yaml:2:25: stubs[0].when.tool_result: expected true, false, or a mapping of of, call_id, text, got an empty mapping",
        ],
    ),
    (
        'when: {header: {a: 1, b: {matches: "["}}, query: x}\n    reply: hi',
        [
            "f.yaml:2:24: stubs[0].when.header.a: expected a string, true, false, or a mapping of equals, contains, matches, one_of, not, got 1; quote it to make it a string",
            "f.yaml:2:40: stubs[0].when.header.b.matches: '[' is no regular expression: unterminated character set at position 0",
            "f.yaml:2:54: stubs[0].when.query: expected a mapping of query parameters, got 'x'",
        ],
    ),
    (
        "when: {body: x}\n    reply: hi",
        [
            "f.yaml:2:18: stubs[0].when.body: expected a mapping, got 'x'",
        ],
    ),
    (
        "when: {body: {}}\n    reply: hi",
        [
            "f.yaml:2:18: stubs[0].when.body: expected a mapping, got an empty mapping",
        ],
    ),
    (
        'when: {body: {a: [{b: {matches: "("}}]}}\n    reply: hi',
        [
            "f.yaml:2:37: stubs[0].when.body.a[0].b.matches: '(' is no regular expression: missing ), unterminated subpattern at position 0",
        ],
    ),
    (
        "when: {schema: {type: strng, properties: []}}\n    reply: hi",
        [
            "f.yaml:2:46: stubs[0].when.schema.properties: not a JSON Schema: [] is not of type 'object'",
        ],
    ),
    (
        'when: {schema: {$ref: "#/$defs/x"}}\n    reply: hi',
        [
            "f.yaml:2:27: stubs[0].when.schema.$ref: reference '#/$defs/x' is not found in this schema",
        ],
    ),
    (
        'when: {schema: {properties: {a: {$ref: "https://example.org/x.json"}}}}\n    reply: hi',
        [
            "f.yaml:2:44: stubs[0].when.schema.properties.a.$ref: reference 'https://example.org/x.json' is not found in this schema",
        ],
    ),
    (
        'when: {schema: {pattern: "("}}\n    reply: hi',
        [
            "f.yaml:2:30: stubs[0].when.schema.pattern: not a JSON Schema: '(' is not a 'regex'",
        ],
    ),
    (
        "when: {schema: x, turn: 4..2}\n    reply: hi",
        [
            "f.yaml:2:20: stubs[0].when.schema: expected a JSON Schema, got 'x'",
            "f.yaml:2:29: stubs[0].when.turn: the range '4..2' is empty; write the smaller number first",
        ],
    ),
]


def name_of(case: tuple[str, list[str]]) -> str:
    return case[0].strip().replace("\n", " ")[:50] or "nothing"


@pytest.mark.parametrize(("text", "expected"), FILES, ids=map(name_of, FILES))
def test_every_problem_of_a_file_is_told_at_its_place(text: str, expected: list[str]) -> None:
    assert problems(text) == expected


@pytest.mark.parametrize(("text", "expected"), STUBS, ids=map(name_of, STUBS))
def test_every_problem_of_a_stub_is_told_at_its_place(text: str, expected: list[str]) -> None:
    assert problems(f"stubs:\n  - {text}") == expected


def test_all_stubs_at_once_have_all_their_problems() -> None:
    text = "stubs:\n" + "\n".join(f"  - {stub}" for stub, _ in STUBS)
    expected = [
        problem.partition(": stubs[0]")[2].partition(": ")[2]
        for _, found in STUBS
        for problem in found
    ]
    found = [problem.partition(": stubs[")[2].partition(": ")[2] for problem in problems(text)]
    assert found == expected


def test_more_stubs_than_anybody_writes_are_refused_unread() -> None:
    text = "stubs:\n" + "- reply: hi\n" * (MAX_STUBS + 1)
    assert problems(text) == ["f.yaml:2:1: stubs: expected at most 10000 stubs, got 10001"]
