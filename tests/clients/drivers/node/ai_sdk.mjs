// The Vercel AI SDK: its OpenAI provider on both endpoints, and the one for compatible servers.
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, jsonSchema, Output, stepCountIs, streamText, tool } from "ai";
import { MODEL, PARAMETERS, QUESTION, SCHEMA, SMALL_MODEL, TITLE_QUESTION, weather } from "./words.mjs";

const HASTY_S = 10;

function models(job) {
  const options = { baseURL: job.base_url, apiKey: job.key, name: "mock" };
  if (job.way.startsWith("compatible"))
    return (name) => createOpenAICompatible({ ...options, supportsStructuredOutputs: true })(name);
  const openai = createOpenAI(options);
  return (name) => (job.way.startsWith("chat") ? openai.chat(name) : openai.responses(name));
}

async function whole(options, heard) {
  const reply = await generateText(options);
  heard.text += reply.text;
  heard.finish = reply.finishReason;
  return reply;
}

async function streamed(options, heard) {
  const stream = streamText({ ...options, onError: () => {} });
  let failure = null;
  for await (const part of stream.fullStream) {
    if (part.type === "text-delta") heard.text += part.text;
    if (part.type === "error") failure ??= part.error;
    if (part.type === "abort") throw new DOMException("aborted", "TimeoutError");
    if (part.type === "finish") heard.finish = part.finishReason;
  }
  if (failure !== null) {
    heard.finish = `error part, finish ${heard.finish}`;
    heard.failure = String(failure?.message ?? JSON.stringify(failure));
    // Nothing was streamed and nothing can be used: as good as thrown.
    if (!heard.text && failure instanceof Error) throw failure;
  }
  return stream;
}

export async function ask(job, heard) {
  const model = models(job);
  const send = job.way.endsWith("stream") ? streamed : whole;
  const options = (prompt, name = MODEL) => ({
    model: model(name),
    prompt,
    // It has no time-out of its own.
    ...(job.timeout_s < HASTY_S ? { abortSignal: AbortSignal.timeout(job.timeout_s * 1000) } : {}),
  });
  const tasks = {
    plain: () => send(options(QUESTION), heard),
    tool: () => {
      const get_weather = tool({
        description: "Tells the weather.",
        inputSchema: jsonSchema(PARAMETERS),
        execute: async (given) => weather(given),
      });
      return send({ ...options(QUESTION), tools: { get_weather }, stopWhen: stepCountIs(3) }, heard);
    },
    structured: async () => {
      const output = Output.object({ schema: jsonSchema(SCHEMA), name: "weather" });
      const reply = await send({ ...options(QUESTION), output }, heard);
      heard.data = await reply.output;
    },
    title: async () => {
      const title = { text: "" };
      await Promise.all([
        send(options(QUESTION), heard),
        send(options(TITLE_QUESTION, SMALL_MODEL), title),
      ]);
      heard.text += ` / ${title.text}`;
    },
    leave: async () => {
      const leaving = new AbortController();
      const left = streamText({ ...options(QUESTION), abortSignal: leaving.signal, onError: () => {} });
      for await (const part of left.fullStream) if (part.type === "text-delta") break;
      leaving.abort();
      await send(options(QUESTION), heard);
    },
  };
  await tasks[job.task]();
}
