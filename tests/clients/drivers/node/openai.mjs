// The openai package: Chat Completions and Responses; whole, iterated, and through the helpers
// that gather a stream.
import OpenAI from "openai";
import { MODEL, PARAMETERS, QUESTION, SCHEMA, SMALL_MODEL, TITLE_QUESTION, weather } from "./words.mjs";

const CHAT_TOOL = {
  type: "function",
  function: { name: "get_weather", description: "Tells the weather.", parameters: PARAMETERS, strict: true },
};
const RESPONSES_TOOL = {
  type: "function",
  name: "get_weather",
  description: "Tells the weather.",
  parameters: PARAMETERS,
  strict: true,
};
const CHAT_FORMAT = {
  type: "json_schema",
  json_schema: { name: "weather", schema: SCHEMA, strict: true },
};
const RESPONSES_FORMAT = { type: "json_schema", name: "weather", schema: SCHEMA, strict: true };

// Each door takes messages and options, and gives { text, finish, calls } with calls as the next
// request has to repeat them.
async function chat(client, body, heard) {
  const reply = await client.chat.completions.create(body);
  return chatReply(reply.choices[0], heard);
}

async function chatHelper(client, body, heard) {
  const stream = client.chat.completions.stream(body);
  stream.on("content", (delta) => (heard.text += delta));
  const reply = await stream.finalChatCompletion();
  heard.text = "";
  return chatReply(reply.choices[0], heard);
}

function chatReply(choice, heard) {
  heard.text += choice.message.content ?? "";
  heard.finish = choice.finish_reason;
  return choice.message.tool_calls?.length ? choice.message : null;
}

async function chatStream(client, body, heard) {
  const calls = [];
  for await (const chunk of await client.chat.completions.create({ ...body, stream: true })) {
    const choice = chunk.choices?.[0];
    heard.text += choice?.delta?.content ?? "";
    heard.finish = choice?.finish_reason ?? heard.finish;
    for (const part of choice?.delta?.tool_calls ?? []) {
      const call = (calls[part.index] ??= { id: part.id, type: "function", function: { name: "", arguments: "" } });
      call.function.name += part.function?.name ?? "";
      call.function.arguments += part.function?.arguments ?? "";
    }
  }
  return calls.length ? { role: "assistant", content: null, tool_calls: calls } : null;
}

async function responses(client, body, heard) {
  return responsesReply(await client.responses.create(body), heard);
}

async function responsesHelper(client, body, heard) {
  const stream = client.responses.stream(body);
  stream.on("response.output_text.delta", (event) => (heard.text += event.delta));
  const reply = await stream.finalResponse();
  heard.text = "";
  return responsesReply(reply, heard);
}

function responsesReply(reply, heard) {
  heard.text += reply.output_text ?? "";
  heard.finish = reply.status;
  return reply.output.some((item) => item.type === "function_call") ? reply.output : null;
}

async function responsesStream(client, body, heard) {
  const items = [];
  for await (const event of await client.responses.create({ ...body, stream: true })) {
    if (event.type === "response.output_text.delta") heard.text += event.delta;
    if (event.type === "response.output_item.done") items.push(event.item);
    if (event.type === "error") heard.finish = "error event";
    if (event.response?.status !== undefined) heard.finish = event.response.status;
  }
  return items.some((item) => item.type === "function_call") ? items : null;
}

const WAYS = { chat, "chat-stream": chatStream, "chat-helper": chatHelper };
const RESPONSES_WAYS = {
  responses,
  "responses-stream": responsesStream,
  "responses-helper": responsesHelper,
};

export async function ask(job, heard) {
  const client = new OpenAI({
    baseURL: job.base_url,
    apiKey: job.key,
    timeout: job.timeout_s * 1000,
  });
  const onChat = job.way in WAYS;
  const send = onChat ? WAYS[job.way] : RESPONSES_WAYS[job.way];
  const body = (text, options = {}) => {
    const said = [{ role: "user", content: text }];
    return { model: MODEL, ...(onChat ? { messages: said } : { input: said }), ...options };
  };
  const tasks = {
    compact: async () => {
      const said = [{ role: "user", content: QUESTION }];
      const reply = await client.responses.compact({ model: MODEL, input: said });
      heard.text = reply.output.find((item) => item.type === "compaction").encrypted_content;
    },
    plain: () => send(client, body(QUESTION), heard),
    tool: async () => {
      const offered = body(QUESTION, { tools: [onChat ? CHAT_TOOL : RESPONSES_TOOL] });
      const called = await send(client, offered, heard);
      if (called === null) throw new Error("no tool call");
      if (onChat) {
        const [call] = called.tool_calls;
        const result = weather(JSON.parse(call.function.arguments));
        offered.messages = [...offered.messages, called, { role: "tool", tool_call_id: call.id, content: result }];
      } else {
        const call = called.find((item) => item.type === "function_call");
        const output = weather(JSON.parse(call.arguments));
        // What the helper adds to a call, and what the API refuses as an unknown parameter.
        const sent = called.map(({ parsed_arguments, ...item }) => item);
        offered.input = [...offered.input, ...sent, { type: "function_call_output", call_id: call.call_id, output }];
      }
      await send(client, offered, heard);
    },
    structured: async () => {
      const format = onChat ? { response_format: CHAT_FORMAT } : { text: { format: RESPONSES_FORMAT } };
      await send(client, body(QUESTION, format), heard);
      heard.data = JSON.parse(heard.text);
    },
    title: async () => {
      const title = { text: "" };
      await Promise.all([
        send(client, body(QUESTION), heard),
        send(client, { ...body(TITLE_QUESTION), model: SMALL_MODEL }, title),
      ]);
      heard.text += ` / ${title.text}`;
    },
    leave: async () => {
      const asked = { ...body(QUESTION), stream: true };
      const stream = onChat
        ? await client.chat.completions.create(asked)
        : await client.responses.create(asked);
      for await (const event of stream) {
        if (event.type === "response.output_text.delta" || event.choices?.[0]?.delta?.content) break;
      }
      await send(client, body(QUESTION), heard);
    },
  };
  await tasks[job.task]();
}
