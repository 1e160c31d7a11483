// Runs jobs of one client, read as a JSON list from standard input, and prints a line of JSON for
// what became of each. A job that never ends is given up, so that the whole always does.
import { readFileSync } from "node:fs";

const AT_ONCE = 16;
const GIVE_UP_MS = 60_000;
const PATIENCE = 16;

const { ask } = await import(process.argv[2]);

// Some clients reject promises that nobody holds; the job's own promise tells the story.
process.on("unhandledRejection", () => {});
console.error = console.warn = () => {};

// libuv takes a reset that arrives together with data for an end, so the two cannot be told apart.
const LOST = new Set(["ECONNRESET", "UND_ERR_SOCKET"]);

function named(cause) {
  if (cause === undefined || cause === null) return null;
  return LOST.has(cause.code) ? "a lost socket" : (cause.code ?? cause.name);
}

function told(error) {
  const cause = error?.cause ?? error?.lastError;
  return {
    name: error?.constructor?.name ?? typeof error,
    shown: error?.name,
    message: String(error?.message ?? JSON.stringify(error)),
    status: error?.status ?? error?.statusCode ?? error?.lastError?.statusCode ?? null,
    code: error?.code ?? null,
    cause: named(cause),
  };
}

async function run(job) {
  const heard = { text: "" };
  let timer;
  // Time-outs of the client's own, and its retries after them, come first.
  const bound = Math.min(GIVE_UP_MS, PATIENCE * job.timeout_s * 1000);
  const giveUp = new Promise((_, reject) => {
    timer = setTimeout(() => reject({ hangs: true }), bound);
  });
  let error = null;
  try {
    await Promise.race([ask(job, heard), giveUp]);
  } catch (thrown) {
    error = thrown?.hangs ? { name: "hangs" } : told(thrown);
  }
  clearTimeout(timer);
  process.stdout.write(JSON.stringify({ id: job.id, error, ...heard }) + "\n");
}

const jobs = JSON.parse(readFileSync(0, "utf8"));
async function worker() {
  for (let job = jobs.shift(); job; job = jobs.shift()) await run(job);
}
await Promise.all(Array.from({ length: AT_ONCE }, worker));
process.exit(0);
