"""The internals that tests use, in one place: a module that moves changes this file and no test."""

from __future__ import annotations

from mockserver.admin import admin_routes
from mockserver.admin.http import guard
from mockserver.admin.inspector import inspector_page
from mockserver.admin.openapi import openapi
from mockserver.admin.service import AdminService, answer
from mockserver.admin.uploads import Uploads
from mockserver.admin.verbs import (
    UPLOAD_TYPE,
    VERBS,
    AdminError,
    AdminReply,
    AdminRequest,
    Upload,
    find_verb,
    read_arguments,
)
from mockserver.cli import main
from mockserver.cli.doctor import EXTRAS
from mockserver.cli.exchange_log import ExchangeLog
from mockserver.cli.listings import diagram
from mockserver.cli.parser import misspelt, serve_settings, value_of
from mockserver.cli.parser import parse as parser_parse
from mockserver.client import (
    AsyncSandboxClient,
    MockServer,
    RecordedRequest,
    SandboxClient,
    ServerClient,
    ServerSettingsGiven,
    SettingsGiven,
    connect,
    connect_async,
)
from mockserver.client.admin import HttpAdmin
from mockserver.client.scenario_files import Finder, ScenarioSource
from mockserver.contract import CONTRACT_DATE, DialectDataError, IllegalTransition, Machine, request_body
from mockserver.contract.cross_field import CROSS_FIELD_RULES
from mockserver.contract.dialect_loader import LazyReplyValidator, build
from mockserver.contract.error_messages import MAX_FAULTS, FaultKind, to_rejection
from mockserver.contract.error_messages import SCHEMA_RULES as ERROR_MESSAGES_SCHEMA_RULES
from mockserver.contract.judge import (
    GRAMMAR,
    Capture,
    CaptureKind,
    Judgement,
    judge_body,
    judge_stream,
    read_capture,
    read_stream,
)
from mockserver.contract.judge import judge as judge_judge
from mockserver.contract.model_rules import MODEL_RULES, effort_of, model_rejections
from mockserver.contract.openai import OPENAI
from mockserver.contract.reply_contract import (
    ChatOptions,
    EmptyChunks,
    Kind,
    ListOf,
    Literal,
    ReplyContract,
    Requirement,
    ResponsesOptions,
    UsagePlace,
)
from mockserver.contract.reply_contract import OneOf as ReplyContractOneOf
from mockserver.contract.reply_contract import parse as reply_contract_parse
from mockserver.contract.request_body import BODY_RULES, read_body
from mockserver.contract.request_body import MAX_DEPTH as REQUEST_BODY_MAX_DEPTH
from mockserver.contract.request_chat import CHAT
from mockserver.contract.request_contract import REQUEST_RULES, RequestContract, compile_contract
from mockserver.contract.request_responses import COMPACT, RESPONSES
from mockserver.contract.request_table import BodyCheck, RequestTable, near_names
from mockserver.contract.request_types import read_kinds, read_type
from mockserver.contract.rules import CHAT_RULES, COMPACTION_RULES, FRAMING_RULES, RESPONSES_RULES, RULES
from mockserver.contract.rules import SCHEMA_RULES as RULES_SCHEMA_RULES
from mockserver.contract.schema_checks import SchemaFault, SchemaFaults, passes
from mockserver.contract.schema_compiler import KEYWORDS as SCHEMA_COMPILER_KEYWORDS
from mockserver.contract.schema_compiler import Compiler
from mockserver.contract.structured_output import RULE, may_be_slow, schema_of
from mockserver.contract.structured_output import judge as structured_output_judge
from mockserver.endpoints import add_endpoint, add_shape, remove
from mockserver.endpoints.models import ENDPOINT
from mockserver.faults import FAULTS, Conflict, fault_schema, find_conflicts, read_fault, truncating_faults
from mockserver.faults.cut import Cut
from mockserver.faults.frame_edits import (
    body_length,
    body_sends,
    edit,
    header,
    is_chunked,
    joined,
    open_chunk,
    sends_of,
    set_chunk_size,
    set_header,
)
from mockserver.faults.omit import Omit
from mockserver.faults.place import (
    PLACE,
    AfterCount,
    AfterEvent,
    At,
    AtByte,
    AtShare,
    BeforeEvent,
    HeadPart,
    InsideChunkSize,
    InsideEvent,
    InsideHead,
    InsideLandmark,
    Landmark,
    NamedPlace,
    PlacedFault,
    Unit,
    is_in_head,
    is_streamed,
)
from mockserver.faults.place import Place as PlacePlace
from mockserver.faults.position import (
    Position,
    event_indexes,
    find,
    landmarks_in_event,
    landmarks_in_json,
    ordinals_of,
    split,
)
from mockserver.faults.sweep import (
    Case,
    Violation,
    altered,
    context_of,
    mutations,
    places,
    reslicings,
    sample,
    truncations,
    violations,
)
from mockserver.faults.syntax import (
    DURATION,
    FLAG,
    LABEL,
    TRUE,
    FaultSpec,
    Field,
    any_members,
    choice,
    either,
    list_of,
    listed,
    mapping,
    nearest,
    pattern,
    text,
    whole,
)
from mockserver.faults.syntax import Key as SyntaxKey
from mockserver.faults.syntax import unknown as syntax_unknown
from mockserver.items import (
    Audio,
    Compaction,
    CustomCall,
    FunctionCall,
    RawItem,
    Reasoning,
    Refusal,
    Text,
    register,
    registry,
)
from mockserver.items.code_interpreter import CONTAINER
from mockserver.items.events import align_logprobs, split_text, stage, stages, streamed, string, text_deltas
from mockserver.items.keys import NAME, STRING, Form, chunks_key
from mockserver.items.keys import Key as KeysKey
from mockserver.items.spec import EventType, IndexRule, ItemEvent, ItemSpec, StreamedText
from mockserver.items.spec import rows as spec_rows
from mockserver.model import stub_index
from mockserver.model.api_key import Credential
from mockserver.model.budget import Limit, shown_wait
from mockserver.model.call import Call
from mockserver.model.codings import CONTENT_ENCODING, coding_of, coding_problem, compressed
from mockserver.model.conditions import (
    AnyOfCondition,
    BodyCondition,
    Condition,
    HeaderOrQueryCondition,
    NoneOfCondition,
    PresenceCondition,
    SchemaCondition,
    StreamCondition,
    TextCondition,
    ToolResultCondition,
    TurnCondition,
)
from mockserver.model.conversation import (
    AssistantItem,
    Conversation,
    ConversationItem,
    Message,
    ToolCall,
    ToolOutput,
    content_text,
    read_conversation,
)
from mockserver.model.cursor import (
    DURATION_SCHEMA,
    Cursor,
    Document,
    Path,
    ProblemLog,
    alternatives,
    format_path,
    in_order,
    quoted,
    read_duration,
    shown,
)
from mockserver.model.cursor import Place as CursorPlace
from mockserver.model.cursor import unknown as cursor_unknown
from mockserver.model.dialect import CatalogueEntry, ChatStyle, Dialect, Rejection, ResponsesStyle
from mockserver.model.echo_style import EchoForm, EchoStyle
from mockserver.model.endpoint import (
    ENDPOINTS,
    SHAPES,
    Answering,
    Endpoint,
    EndpointSpec,
    Registry,
    RequestForm,
    Shape,
    ShapeSpec,
)
from mockserver.model.fault import (
    NO_FAULTS,
    AnyFault,
    EventFault,
    Fault,
    FaultContext,
    FaultPipeline,
    Faults,
    FaultValueError,
    FormatFault,
    FrameFault,
    PlaceNotFoundError,
    PlaceRemovedError,
)
from mockserver.model.findings import ApiError, Finding, Mismatch, Rule, Severity
from mockserver.model.frames import (
    PLAIN,
    Beat,
    ClientDisconnected,
    Close,
    Ending,
    EndOfReply,
    Event,
    Frame,
    IdleClose,
    Outcome,
    OutcomeKind,
    Part,
    RawEvent,
    ReplySink,
    Reset,
    Script,
    Send,
    SseFormat,
    Stall,
    Wait,
)
from mockserver.model.headers import as_line, header_problem, line_problem
from mockserver.model.http_rule import HttpRule
from mockserver.model.ids import EPOCH, IdGenerator
from mockserver.model.item_form import PLAIN as ITEM_FORM_PLAIN
from mockserver.model.item_form import ItemForm, formed_object
from mockserver.model.item_form import form_of as item_form_form_of
from mockserver.model.journal import ExchangeKind, Journal, Record
from mockserver.model.json import (
    JSON,
    JSONObject,
    JSONReadError,
    JSONReadErrorKind,
    describe_value,
    json_difference,
    member_path,
    path_of,
    read,
    read_text,
    write,
    write_bytes,
)
from mockserver.model.latency import PROFILES, Delay, Distribution, Profile
from mockserver.model.matchers import (
    AllOf,
    Contains,
    Equals,
    Matches,
    Not,
    TextMatcher,
    any_matches,
    group_names,
    json_mismatches,
)
from mockserver.model.matchers import OneOf as MatchersOneOf
from mockserver.model.model_rule import ModelRule, ModelRules, members_of
from mockserver.model.model_traits import NEUTRAL, traits_of
from mockserver.model.pattern_text import PatternError, texts_for
from mockserver.model.reply import (
    ChatPart,
    ChatText,
    Chunks,
    Content,
    Cutter,
    ErrorDelivery,
    ErrorRef,
    ErrorReply,
    ErrorShape,
    ExactBody,
    ExactEvents,
    FinishReason,
    Item,
    Output,
    Pace,
    RawBytes,
    Reply,
    ScriptedEvent,
    StreamError,
    Templating,
    Usage,
)
from mockserver.model.request import Headers, Request, decode_headers
from mockserver.model.route import Route, RoutingTable, path_problem
from mockserver.model.schema_data import NoDataError, data_for
from mockserver.model.setting_kinds import COUNT
from mockserver.model.settings import (
    TABLES,
    ContractMode,
    Listening,
    ModelRulesPolicy,
    Scope,
    Settings,
    UnknownPolicy,
    UnmatchedPolicy,
    read_settings,
    setting,
    settings_document,
    settings_page,
    settings_schema,
)
from mockserver.model.settings import Limits as SettingsLimits
from mockserver.model.settings import rows as settings_rows
from mockserver.model.sse import is_stream, read_event, split_events
from mockserver.model.store import Store, Stored, StoredName
from mockserver.model.stub import Scenario, Stub, Times, WhenExhausted
from mockserver.model.stub_index import MountedStub, StubIndex
from mockserver.model.stub_set import Match, Miss, NearMiss, StubSet
from mockserver.model.times import Clock
from mockserver.model.verdict import (
    AllowedFailures,
    CallCountMismatch,
    ContractViolation,
    UnmatchedRequest,
    Verdict,
    VerdictProblem,
    evaluate,
    shadowed_stubs,
)
from mockserver.pipeline import WRITE_SIZE, Act, ComposedReply, HttpContext, Write, coalesce, compose
from mockserver.pipeline import validate as pipeline_validate
from mockserver.pipeline.from_request import FromRequestError, made_for
from mockserver.pipeline.request_templates import (
    MissingValueError,
    TemplateContext,
    is_match_name,
    is_templated,
    names,
    names_in,
    problem,
    substitute,
)
from mockserver.pipeline.template import NotCacheableError, PlaceholderIds, track_reads
from mockserver.pipeline.template_cache import ReplyJob, TemplateCache
from mockserver.pipeline.validate import ReplyProblem, SupportedEndpoints, form_of, sample_calls, supported_endpoints
from mockserver.pipeline.validate import validate as validate_validate
from mockserver.pytest_plugin.session import add_options, given_settings, marker_line
from mockserver.recording.archives import read_archive
from mockserver.recording.drift import Drift, drift
from mockserver.recording.edits import Edit, distributed
from mockserver.recording.exchange import RecordedExchange, RecordingError
from mockserver.recording.reader import Recording, read_recording
from mockserver.recording.redaction import Redactor
from mockserver.recording.replies import ReplyWriter
from mockserver.recording.samples import Sample, Unasked, example, samples
from mockserver.recording.scenario_text import ScenarioText, scenario_text
from mockserver.recording.scrub import scrubbed
from mockserver.recording.yaml_text import yaml_lines
from mockserver.render import label, render, unsupported_reason
from mockserver.render.chat_stream import ChatLabeller
from mockserver.render.context import DEFAULT_MODEL, RenderContext, ShapeRenderer, Tokens, count_tokens, estimate_tokens
from mockserver.render.cors import cors_headers, preflight_headers
from mockserver.render.http1 import (
    event_waits,
    first_wait,
    frame_body,
    frame_events,
    frame_raw,
    head,
    sse_comment,
    sse_event,
    sse_stream,
)
from mockserver.render.replies import BodyReply, EventStream, RawReply, Rendered, fill_envelope, merged_headers
from mockserver.render.replies import head as replies_head
from mockserver.report.excerpt import excerpt
from mockserver.report.redact import mask_header, mask_headers, mask_mismatch, mask_query, mask_target, truncate_middle
from mockserver.report.serialize import entry_document, scenario_document, verdict_document
from mockserver.report.text import exchange_line, journal_text, miss_text, timeline_text, verdict_text
from mockserver.report.timeline import fault_text, timeline_document
from mockserver.scenario import files, load, yaml_reader
from mockserver.scenario.dialects import Dialects, UnknownDialectError, is_dialect
from mockserver.scenario.files import (
    Disk,
    UploadedFiles,
    format_schema,
    offline,
    read_file,
    read_format,
    shipped_dialects,
    shipped_schemas,
)
from mockserver.scenario.files import shipped as files_shipped
from mockserver.scenario.format_check import KEYWORDS as FORMAT_CHECK_KEYWORDS
from mockserver.scenario.format_check import FormatChecker, format_checker
from mockserver.scenario.load import MAX_STUBS, load_conditions, load_inline, load_paths, load_text, load_value
from mockserver.scenario.load import shipped as load_shipped
from mockserver.scenario.yaml_reader import MAX_DEPTH as YAML_READER_MAX_DEPTH
from mockserver.scenario.yaml_reader import read_yaml, resolve
from mockserver.server import ADMIN_BODY_LIMIT, certificates, connection, head_cache, runner
from mockserver.server import Limits as LimitsLimits
from mockserver.server.app import AdminCall, Upstream
from mockserver.server.connection import Connection
from mockserver.server.credentials import check, key_of
from mockserver.server.exchange import Decision
from mockserver.server.gates import GatedAct, GatePoint, Gates, Making, segments
from mockserver.server.head_cache import HeadCache
from mockserver.server.other_replies import script_of
from mockserver.server.player import Player
from mockserver.server.routing import Target, parse_target, routing
from mockserver.server.runner import LoopCaller, ThreadRunner, listening
from mockserver.server.sandbox import Sandbox, SandboxDroppedError, Sandboxes
from mockserver.server.sink import TransportSink
from mockserver.server.tls import Tls, TlsFault, read_faults, read_tls
from mockserver.server.tls_connection import TlsConnection
from mockserver.server.worker_threads import WorkerThreads
