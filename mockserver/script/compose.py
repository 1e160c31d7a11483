"""From a scripted reply to its script: render, let the faults strike, pace, frame.

This is the one way by which bytes of a reply come to be, at load, at serving and in `explain`.
"""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.core.endpoint import Shape
from mockserver.core.event import Event
from mockserver.core.fault import Faults, Scene
from mockserver.core.frames import Close, Finish, Frame, Script
from mockserver.core.minted import Mint
from mockserver.core.reply import Pace, Reply
from mockserver.core.spelling import PLAIN, Spelling
from mockserver.wire import pace as pacing
from mockserver.wire.http1 import frames_of_body, frames_of_events, frames_of_raw
from mockserver.wire.occasion import Occasion
from mockserver.wire.render import render
from mockserver.wire.rendered import Bytes, Rendered, Stream, Whole

_DRAWS = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """What HTTP asks of the reply: the request's version, and whether the connection lives on."""

    version: tuple[int, int] = (1, 1)
    keep_alive: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """`status` is the one on the wire as far as we know it, 200 for raw bytes; `rendered` is the
    reply before any fault."""

    script: Script
    rendered: Rendered
    status: int
    streamed: bool


def compose(
    reply: Reply, occasion: Occasion, shape: Shape, *, carrier: Carrier = Carrier()
) -> Composed:
    """The script of a reply on an occasion. Raises `UnknownPlace` where a fault's place is not in
    this reply; faults among events are left out where the reply does not stream."""
    rendered = render(reply, occasion, shape, stream=occasion.call.stream)
    frames = frame(rendered, reply, occasion.mint, carrier)
    status = 200 if isinstance(rendered, Bytes) else rendered.status
    return Composed(
        script=Script(frames=frames),
        rendered=rendered,
        status=status,
        streamed=isinstance(rendered, Stream),
    )


def frame(
    rendered: Rendered, reply: Reply, mint: Mint, carrier: Carrier = Carrier()
) -> tuple[Frame, ...]:
    """The frames of a rendered reply, struck by the faults of `reply`."""
    match rendered:
        case Stream():
            return _stream(rendered, reply, mint, carrier)
        case Whole():
            frames = frames_of_body(
                rendered.status,
                rendered.headers,
                rendered.body,
                version=carrier.version,
                keep_alive=carrier.keep_alive,
                first_s=pacing.first(reply.pace),
            )
        case Bytes():
            frames = frames_of_raw(rendered.data, first_s=pacing.first(reply.pace))
    return _strike(frames, reply.faults, Scene(), mint, streamed=False)


def _stream(stream: Stream, reply: Reply, mint: Mint, carrier: Carrier) -> tuple[Frame, ...]:
    scene = Scene.of(stream.events)
    events = stream.events
    for place, fault in enumerate(reply.faults.events):
        events = fault.alter(events, _drawn(scene, mint, "events", place))
    spelling = PLAIN if not stream.comment else Spelling(comment=stream.comment)
    for place, respelling in enumerate(reply.faults.spelling):
        spelling = respelling.alter(spelling, _drawn(scene, mint, "spelling", place))
    frames = frames_of_events(
        stream.status,
        stream.headers,
        _timed(events, reply.pace, mint),
        spelling,
        version=carrier.version,
        keep_alive=carrier.keep_alive and not stream.closes,
    )
    if stream.closes:
        frames = tuple(Close() if isinstance(one, Finish) else one for one in frames)
    return _strike(frames, reply.faults, scene, mint, streamed=True)


def _timed(events: tuple[Event, ...], pace: Pace, mint: Mint) -> list[tuple[float, Event]]:
    return list(zip(pacing.waits(pace, len(events), mint), events, strict=True))


def _strike(
    frames: tuple[Frame, ...], faults: Faults, scene: Scene, mint: Mint, *, streamed: bool
) -> tuple[Frame, ...]:
    for place, fault in enumerate(faults.frames):
        if streamed or not fault.streamed:
            frames = fault.alter(frames, _drawn(scene, mint, "frames", place))
    return frames


def _drawn(scene: Scene, mint: Mint, stage: str, place: int) -> Scene:
    draw = mint.number(f"chance/{stage}/{place}", _DRAWS) / _DRAWS
    return Scene(labels=scene.labels, wire_labels=scene.wire_labels, draw=draw)
