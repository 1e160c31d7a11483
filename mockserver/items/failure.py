"""The form of an error in the output, which ends the reply; see `StreamError`."""

from __future__ import annotations

from mockserver.items.keys import Form, Key, KeyType, Read
from mockserver.items.spec import ItemSpec
from mockserver.model.reply import ErrorDelivery, ErrorRef, ErrorShape, StreamError


def _make(*, error: ErrorRef, form: str, shape: str) -> StreamError:
    return StreamError(error=error, form=ErrorDelivery(form), shape=ErrorShape(shape))


_ERROR = KeyType({"$ref": "#/$defs/error"}, Read.ERROR)
_DELIVERY = KeyType({"enum": ["failed", "event", "both"], "default": "failed"}, Read.TEXT)
_SHAPE = KeyType({"enum": ["flat", "nested"], "default": "nested"}, Read.TEXT)
_FORM = Form(
    Key("error", _ERROR, "A failure at this point of the reply; nothing may follow it.", default=ErrorRef()),
    Key(
        "as",
        _DELIVERY,
        "How a stream of responses tells it: response.failed, an error event, or one after the other.",
        "form",
        default=ErrorDelivery.FAILED,
    ),
    Key("shape", _SHAPE, "Where an error event keeps its members.", default=ErrorShape.NESTED),
    make=_make,
)

SPECS = (ItemSpec(forms=(_FORM,)),)
