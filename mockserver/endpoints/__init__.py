"""The endpoints of the API, one file each.

A file describes its endpoint whole: routes, reading of request bodies, samples, and for the shape
of reply that belongs to it how that is rendered, labelled and validated. To add an endpoint, write
such a file and register what it defines; nothing else names an endpoint."""

from __future__ import annotations

from mockserver.contract import REPLY_FORMS, ReplyForm
from mockserver.endpoints import chat, compact, models, path, responses, stored_responses
from mockserver.model.endpoint import ENDPOINTS, SHAPES, EndpointSpec, ShapeSpec
from mockserver.render.context import RENDERERS, ShapeRenderer


def add_endpoint(spec: EndpointSpec) -> None:
    """Register an endpoint. Dialects that are read later have its routes, unless they list their own."""
    ENDPOINTS.add(spec.name, spec)


def add_shape(spec: ShapeSpec, renderer: ShapeRenderer, form: ReplyForm | None = None) -> None:
    """Register a shape of reply; without `form` its replies are not validated."""
    SHAPES.add(spec.name, spec)
    RENDERERS.add(spec.name, renderer)
    if form is not None:
        REPLY_FORMS.add(spec.name, form)


def remove(name: str) -> None:
    """Take away the endpoint and the shape of that name."""
    for registry in (ENDPOINTS, SHAPES, RENDERERS, REPLY_FORMS):
        registry.remove(name)


# In the order in which messages and lists name them.
for _file in (chat, responses, compact):
    add_endpoint(_file.ENDPOINT)
    add_shape(_file.SHAPE, _file.RENDERER, _file.FORM)
add_endpoint(models.ENDPOINT)
add_endpoint(path.ENDPOINT)
add_shape(path.SHAPE, path.RENDERER)
for _endpoint in stored_responses.ENDPOINTS:
    add_endpoint(_endpoint)
