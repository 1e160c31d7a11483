// LangChain for JavaScript: ChatOpenAI on both endpoints.
import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { MODEL, PARAMETERS, QUESTION, SCHEMA, SMALL_MODEL, TITLE_QUESTION, weather } from "./words.mjs";

const TOOL = tool(weather, { name: "get_weather", description: "Tells the weather.", schema: PARAMETERS });

async function whole(model, messages, heard) {
  return gathered(await model.invoke(messages), heard);
}

async function streamed(model, messages, heard) {
  let reply = null;
  for await (const chunk of await model.stream(messages)) {
    heard.text += chunk.text;
    reply = reply === null ? chunk : reply.concat(chunk);
  }
  heard.text = "";
  return gathered(reply, heard);
}

function gathered(reply, heard) {
  heard.text += reply?.text ?? "";
  const told = reply?.response_metadata ?? {};
  heard.finish = told.finish_reason ?? told.status ?? null;
  return reply;
}

export async function ask(job, heard) {
  // No `streaming: true` on chat: `invoke` then counts tokens by a table fetched from the network.
  const model = (name, more = {}) =>
    new ChatOpenAI({
      ...more,
      model: name,
      apiKey: job.key,
      useResponsesApi: job.way.startsWith("responses"),
      timeout: job.timeout_s * 1000,
      maxRetries: 2,
      configuration: { baseURL: job.base_url },
    });
  const send = job.way.endsWith("stream") ? streamed : whole;
  const said = [new HumanMessage(QUESTION)];
  const tasks = {
    plain: () => send(model(MODEL), said, heard),
    tool: async () => {
      const armed = model(MODEL).bindTools([TOOL]);
      const called = await send(armed, said, heard);
      const [call] = called.tool_calls;
      const result = new ToolMessage({ content: weather(call.args), tool_call_id: call.id });
      await send(armed, [...said, called, result], heard);
    },
    structured: async () => {
      // Its parser of streams takes no blocks of content, its `invoke` gathers them.
      const gathers = job.way === "responses-stream";
      const shaped = model(MODEL, { streaming: gathers }).withStructuredOutput(SCHEMA, { name: "weather", method: "jsonSchema" });
      if (send === whole || gathers) heard.data = await shaped.invoke(said);
      else for await (const growing of await shaped.stream(said)) heard.data = growing;
    },
    title: async () => {
      const title = { text: "" };
      await Promise.all([
        send(model(MODEL), said, heard),
        send(model(SMALL_MODEL), [new HumanMessage(TITLE_QUESTION)], title),
      ]);
      heard.text += ` / ${title.text}`;
    },
    leave: async () => {
      for await (const chunk of await model(MODEL).stream(said)) if (chunk.text) break;
      await send(model(MODEL), said, heard);
    },
  };
  await tasks[job.task]();
}
