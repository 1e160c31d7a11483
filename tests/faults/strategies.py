"""Strategies for lists of faults, most of which have a place in a reply with the given labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.kit import JSONObject, Landmark

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
COUNTS = st.integers(0, 60)
PATHS = st.sampled_from(["x", "id", "choices.0.index", "response.output.0.id", "x.y.0"])
SECONDS = st.sampled_from([0, "1ms", "5s"])
_IN_HEAD = ("status_line", "headers")


@dataclass(frozen=True, kw_only=True)
class Strategies:
    """`stacks` are lists of any faults, some with a chance."""

    places: st.SearchStrategy[JSONObject]
    after_head: st.SearchStrategy[JSONObject]
    reslicings: st.SearchStrategy[JSONObject]
    stacks: st.SearchStrategy[list[JSONObject]]


def strategies(names: Sequence[str]) -> Strategies:
    """Faults at events with these labels."""
    labels = st.sampled_from([*names, "*", f"{names[0][:4]}*"])
    places: st.SearchStrategy[JSONObject] = st.one_of(
        st.builds(lambda n: {"after": n}, st.integers(0, 6)),
        st.builds(lambda label: {"after": label}, labels),
        st.builds(lambda label: {"before": label}, labels),
        st.builds(
            lambda label, n, unit: {"inside": {"event": label, unit: n}},
            labels,
            COUNTS,
            st.sampled_from(["byte", "char"]),
        ),
        st.builds(lambda label, n: {"inside": {"chunk_size": label, "byte": n}}, labels, st.integers(0, 5)),
        st.builds(
            lambda part, n: {"inside": {"part": part, "byte": n}}, st.sampled_from(["status_line", "headers"]), COUNTS
        ),
        st.builds(
            lambda where, kind: {"inside": {**where, "at": kind}},
            st.sampled_from([{"part": "body"}, *({"event": label} for label in (*names, "*"))]),
            st.sampled_from([kind.value for kind in Landmark]),
        ),
        st.builds(lambda name: {"at": name}, st.sampled_from(["head", "last_chunk"])),
        st.builds(lambda n: {"at_byte": n}, st.integers(0, 300)),
        st.builds(lambda n: {"at_byte": f"{n}%"}, st.integers(0, 100)),
    )
    after_head = places.filter(
        lambda place: place.get("at") != "head" and not any(part in str(place) for part in _IN_HEAD)
    )
    reslicings: st.SearchStrategy[JSONObject] = st.one_of(
        st.builds(lambda n, gap: {"dribble": {"bytes": n, "gap": gap}}, st.integers(1, 50), SECONDS),
        st.builds(lambda sizes: {"dribble": {"sizes": sizes}}, st.lists(st.integers(1, 30), min_size=1, max_size=3)),
        st.just({"dribble": {"split_utf8": True}}),
        st.just({"dribble": {"coalesce": True}}),
        st.builds(lambda rate: {"throttle": rate}, st.integers(1, 5000)),
        st.builds(lambda place, gap: {"delay": {**place, "for": gap}}, places, SECONDS),
    )
    stops: st.SearchStrategy[JSONObject] = st.one_of(
        st.builds(lambda place: {"cut": place}, places),
        st.builds(lambda place: {"reset": place}, places),
        st.builds(lambda place: {"end": place}, after_head),
        st.builds(lambda place: {"stall": place}, places),
        st.builds(
            lambda place, then: {"stall": {**place, "for": "1s", "then": then}},
            after_head,
            st.sampled_from(["cut", "reset", "end"]),
        ),
    )
    others: st.SearchStrategy[JSONObject] = st.one_of(
        st.builds(lambda label: {"omit": label}, labels),
        st.builds(lambda label: {"repeat": label}, labels),
        st.builds(lambda two: {"swap": two}, st.lists(st.sampled_from(names), min_size=2, max_size=2, unique=True)),
        st.builds(lambda place, sent: {"insert": {"bytes": sent, "at": place}}, places, TEXTS.filter(bool)),
        st.builds(
            lambda place, kind: {"insert": {kind: "x", "at": place}},
            st.one_of(
                st.builds(lambda n: {"after": n}, st.integers(0, 6)),
                st.builds(lambda label: {"before": label}, labels),
                st.just({"at": "last_chunk"}),
            ),
            st.sampled_from(["event", "comment"]),
        ),
        st.builds(
            lambda fault, place: {fault: {**place, "for": "3s", "keepalive": {"bytes": " ", "every": "1s"}}},
            st.sampled_from(["delay", "stall"]),
            places,
        ),
        st.builds(lambda kind, place: {"garble": {kind: place}}, st.sampled_from(["json", "utf8"]), places),
        st.builds(lambda label, path, value: {"rewrite": {"event": label, "set": {path: value}}}, labels, PATHS, TEXTS),
        st.builds(lambda label, path: {"rewrite": {"event": label, "remove": [path]}}, labels, PATHS),
        st.builds(
            lambda kind, label: {"garble": {kind: label}}, st.sampled_from(["json", "utf8", "chunk_size"]), labels
        ),
        st.sampled_from(
            [
                {"garble": {"content_length": "+20"}},
                {"garble": {"content_length": 5}},
                {"garble": {"content_type": "text/html"}},
                {"garble": {"bom": True}},
                {"framing": {"newline": "crlf", "comment": "c"}},
                {"framing": {"split_data": True, "id": True}},
                {"framing": {"final_blank": False}},
                {"linger": "1s"},
                {"linger": {"until": "next"}},
            ]
        ),
    )
    faults = st.one_of(reslicings, stops, others)
    stacks = st.lists(st.one_of(faults, st.builds(lambda fault: {**fault, "chance": 0.5}, faults)), max_size=6)
    return Strategies(places=places, after_head=after_head, reslicings=reslicings, stacks=stacks)
