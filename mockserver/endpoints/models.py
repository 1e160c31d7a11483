"""`GET /v1/models` and `GET /v1/models/{model}`: the models of the dialect, without a stub."""

from __future__ import annotations

from mockserver.model.call import Call
from mockserver.model.endpoint import Answering, Endpoint, EndpointSpec, Shape
from mockserver.model.json import JSONObject
from mockserver.model.reply import ErrorRef
from mockserver.model.route import Route


def _answer(call: Call, answering: Answering) -> JSONObject | ErrorRef:
    dialect, ids = answering.dialect, answering.ids
    name = call.parameters.get("model")
    if name is None:
        return {"object": "list", "data": list(dialect.models)}
    for model in dialect.models:
        if model.get("id") == name:
            return model
    if dialect.models_closed:
        return ErrorRef(name="model_not_found")
    return {"id": name, "object": "model", "created": ids.created, "owned_by": "mockserver"}


ENDPOINT = EndpointSpec(
    name=Endpoint.MODELS,
    routes=tuple(
        # Names of models have slashes at some gateways.
        Route(path=path, endpoint=Endpoint.MODELS, shape=Shape.CHAT, methods=("GET", "HEAD"))
        for path in ("/v1/models", "/v1/models/{+model}")
    ),
    answer=_answer,
)
