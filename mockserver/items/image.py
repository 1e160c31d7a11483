"""A call of the hosted image generation, with partial images."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.items.events import completed, stage
from mockserver.items.keys import HOSTED_KEYS, STRING, Form, Key, KeyType, status_key
from mockserver.items.raw import hosted
from mockserver.items.spec import ItemEvent, ItemSpec
from mockserver.model.json import JSONObject, as_list
from mockserver.model.reply import Cutter

_TYPE = "image_generation_call"
# A list of images in the scenario; the wire's item has no such member.
_PARTIALS = "partial_images"
_PROPERTIES = ("size", "quality", "background", "output_format")


def _events(item: JSONObject, _cut: Cutter) -> Iterator[ItemEvent]:
    yield stage(_TYPE, "in_progress")
    yield stage(_TYPE, "generating")
    properties: JSONObject = {name: item[name] for name in _PROPERTIES if name in item}
    for index, image in enumerate(as_list(item.get(_PARTIALS))):
        members: JSONObject = {"partial_image_index": index, "partial_image_b64": image}
        yield ItemEvent(type=f"response.{_TYPE}.partial_image", members=members | properties)
    yield from completed(_TYPE, item)


_IMAGES = KeyType({"type": "array", "title": "a list of images in base64", "items": {"type": "string"}})
_FORM = Form(
    Key("image", STRING, "The image in base64.", "result"),
    Key("partials", _IMAGES, "Partial images that the stream shows first.", _PARTIALS),
    Key("revised_prompt", STRING, "The prompt as the model rewrote it."),
    Key("size", STRING, "Such as 1024x1024."),
    Key("quality", STRING, "Such as high."),
    Key("background", STRING, "Such as opaque."),
    Key("output_format", STRING, "Such as png."),
    status_key("The final status. Default: completed."),
    *HOSTED_KEYS,
    make=hosted(_TYPE),
)

SPECS = (
    ItemSpec(
        type=_TYPE,
        forms=(_FORM,),
        prefix="ig_",
        status="completed",
        added_status="demanded",
        added_without=("result", "revised_prompt", *_PROPERTIES),
        empty={"result": (None,)},
        internal=(_PARTIALS,),
        events=_events,
        members=(
            "status:#status.image_generation_call action?:string|null background?:string|null "
            "output_format?:string|null quality?:string|null revised_prompt?:string|null "
            "size?:string|null error?:@image_error|null svg_usage?:@svg_usage|null result!:string|null"
        ),
        kinds="""
image_error  message:string code?:string|null param?:string|null type?:string|null
    moderation_details?:object|null
svg_usage  input_tokens?:integer model?:string output_tokens?:integer reasoning_tokens?:integer
    total_tokens?:integer
""",
        values={"status.image_generation_call": "in_progress generating completed failed"},
        stream="""
image_generation_call.in_progress
image_generation_call.generating
image_generation_call.partial_image  partial_image_index:next partial_image_b64:string
    size?:string|null quality?:string|null background?:string|null output_format?:string|null
    obfuscation?:string
image_generation_call.completed
    size?:string|null quality?:string|null background?:string|null output_format?:string|null
""",
        about="the steps and partial images",
        grammar="""
open: image_generation_call.in_progress > in progress
in progress: image_generation_call.generating > generating
generating: image_generation_call.partial_image, image_generation_call.completed > completed
completed: done
""",
        breaks_off=True,
    ),
)
