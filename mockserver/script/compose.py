"""From a scripted reply to its script: render, let the faults strike, pace, frame.

This is the one way by which bytes of a reply come to be, at load, at serving and in `explain`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from mockserver.core.endpoint import Shape
from mockserver.core.fault import Scene
from mockserver.core.frames import Close, Finish, Frame, Script
from mockserver.core.minted import Mint
from mockserver.core.reply import Pace, Reply
from mockserver.core.spelling import PLAIN, Spelling
from mockserver.wire import pace as pacing
from mockserver.wire.http1 import frames_of_body, frames_of_events, frames_of_raw
from mockserver.wire.occasion import Occasion
from mockserver.wire.render import render
from mockserver.wire.rendered import Bytes, Rendered, Stream, Whole

if TYPE_CHECKING:
    from mockserver.faults.strike import Strike


class Carrier(NamedTuple):
    """What HTTP asks of the reply: the request's version, and whether the connection lives on."""

    version: tuple[int, int] = (1, 1)
    keep_alive: bool = True


ORDINARY = Carrier()
"""HTTP/1.1 on a connection that lives on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """`status` is the one on the wire as far as we know it, 200 for raw bytes; `rendered` is the
    reply before any fault."""

    script: Script
    rendered: Rendered
    status: int
    streamed: bool


def compose(
    reply: Reply,
    occasion: Occasion,
    shape: Shape,
    *,
    carrier: Carrier = ORDINARY,
    rehearse: bool = False,
) -> Composed:
    """The script of a reply on an occasion; to rehearse is to try every fault, chance or not.

    Raises `UnknownPlace` where a fault's place is not in this reply; faults among events are left
    out where the reply does not stream.
    """
    rendered = render(reply, occasion, shape, stream=occasion.call.stream)
    strike = _strike(reply, rendered, None if rehearse else occasion.mint)
    frames = _framed(rendered, reply.pace, occasion.mint, carrier, strike)
    status = 200 if isinstance(rendered, Bytes) else rendered.status
    return Composed(
        script=Script(frames=frames),
        rendered=rendered,
        status=status,
        streamed=isinstance(rendered, Stream),
    )


def _strike(reply: Reply, rendered: Rendered, mint: Mint | None) -> Strike | None:
    if not reply.faults:
        return None
    from mockserver.faults.strike import Strike  # noqa: PLC0415  # not before the first answer

    events = rendered.events if isinstance(rendered, Stream) else ()
    return Strike(faults=reply.faults, scene=Scene.of(events), mint=mint)


def _framed(
    rendered: Rendered, pace: Pace, mint: Mint, carrier: Carrier, strike: Strike | None
) -> tuple[Frame, ...]:
    match rendered:
        case Stream():
            return _stream(rendered, pace, mint, carrier, strike)
        case Whole():
            frames = frames_of_body(
                rendered.status,
                rendered.headers,
                rendered.body,
                version=carrier.version,
                keep_alive=carrier.keep_alive,
                first_s=pacing.first(pace),
            )
        case raw:
            frames = frames_of_raw(raw.data, first_s=pacing.first(pace))
    return frames if strike is None else strike.frames(frames, streamed=False)


def _stream(
    stream: Stream, pace: Pace, mint: Mint, carrier: Carrier, strike: Strike | None
) -> tuple[Frame, ...]:
    events = stream.events
    spelling = Spelling(comment=stream.comment) if stream.comment else PLAIN
    if strike is not None:
        events = strike.events(events)
        spelling = strike.spelling(spelling)
    frames = frames_of_events(
        stream.status,
        stream.headers,
        list(zip(pacing.waits(pace, len(events), mint), events, strict=True)),
        spelling,
        version=carrier.version,
        keep_alive=carrier.keep_alive and not stream.closes,
    )
    if stream.closes:
        whole = Close(complete=True)
        frames = tuple(whole if isinstance(one, Finish) else one for one in frames)
    return frames if strike is None else strike.frames(frames, streamed=True)
