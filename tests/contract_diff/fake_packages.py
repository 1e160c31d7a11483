"""Small packages with the layout of the official ones, of which every root is one object."""

from __future__ import annotations

import sys
from pathlib import Path

PYTHON = {
    "openai/__init__.py": "__version__ = '9.9'\n",
    "openai/types/__init__.py": "",
    "openai/types/chat/__init__.py": """
from typing import List, Literal, Optional, TypedDict
class Message(TypedDict):
    content: Optional[str]
class Choice(TypedDict):
    message: Message
class ChatCompletion(TypedDict):
    id: str
    choices: List[Choice]
class ChatCompletionChunk(TypedDict):
    id: str
""",
    "openai/types/chat/completion_create_params.py": """
from __future__ import annotations
from typing import Iterable, Union
from typing_extensions import Literal, Required, TypedDict
class Base(TypedDict, total=False):
    model: Required[Union[str, Literal["gpt-9"]]]
    verbosity: Literal["low", "high"]
class Streaming(Base):
    stream: Required[Literal[True]]
class NonStreaming(Base, total=False):
    stream: bool
CompletionCreateParams = Union[Streaming, NonStreaming]
""",
    "openai/types/responses/__init__.py": """
from typing import Dict, List, Literal, TypedDict, Union
class Response(TypedDict):
    id: str
    metadata: Dict[str, str]
class TextDelta(TypedDict):
    type: Literal["response.output_text.delta"]
    delta: str
class Completed(TypedDict):
    type: Literal["response.completed"]
    response: Response
ResponseStreamEvent = Union[TextDelta, Completed]
class CompactedResponse(TypedDict):
    id: str
""",
    "openai/types/responses/response_create_params.py": """
from typing_extensions import Annotated, TypedDict
class Alias:
    def __init__(self, alias: str) -> None:
        self.alias = alias
class ResponseCreateParams(TypedDict, total=False):
    model: str
    store_: Annotated[bool, Alias("store")]
""",
    "openai/types/responses/response_compact_params.py": """
from typing_extensions import TypedDict
class ResponseCompactParams(TypedDict):
    model: str
""",
}

NPM = {
    "package.json": '{"version": "9.9"}',
    "resources/values.d.ts": "export type Verbosity = 'low' | 'high' | null;\n",
    "resources/chat/completions/completions.d.ts": """
import { APIResource } from "../../../core/resource.js";
import * as Values from "../../values.js";
export declare class Completions extends APIResource {
    create(body: ChatCompletionCreateParams, options?: { [key: string]: string }): Promise<ChatCompletion>;
}
/** A completion, with `braces { in a comment`. */
export interface ChatCompletion {
    id: string;
    choices: Array<ChatCompletion.Choice>;
}
export declare namespace ChatCompletion {
    interface Choice {
        message: Choice.Message;
    }
    namespace Choice {
        interface Message {
            content: string | null;
        }
    }
}
export interface ChatCompletionChunk {
    id: string;
}
export type ChatCompletionCreateParams = ChatCompletionCreateParamsStreaming | ChatCompletionCreateParamsBase;
export interface ChatCompletionCreateParamsBase {
    model: (string & {}) | 'gpt-9';
    verbosity?: Values.Verbosity;
}
export interface ChatCompletionCreateParamsStreaming extends ChatCompletionCreateParamsBase {
    stream: true;
}
""",
    "resources/responses/responses.d.ts": """
import * as ResponsesAPI from "./responses.js";
export interface Response {
    id: string;
    metadata: { [key: string]: string } | null;
}
export interface TextDelta {
    'type': 'response.output_text.delta';
    delta: string;
}
export interface Completed {
    type: 'response.completed';
    response: ResponsesAPI.Response;
}
export type ResponseStreamEvent = TextDelta | Completed;
export interface CompactedResponse {
    id: string;
}
export interface ResponseCreateParams {
    model?: string;
    store?: boolean;
}
export interface ResponseCompactParams {
    model: string;
}
""",
}


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write the files below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def environment(folder: Path, python: dict[str, str], npm: dict[str, str]) -> Path:
    """A folder as the installation leaves it, with an interpreter that finds the Python package."""
    write(folder / "python", python)
    write(folder / "node_modules" / "openai", npm)
    command = folder / "bin" / "python"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{folder}/python" exec "{sys.executable}" "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return folder
