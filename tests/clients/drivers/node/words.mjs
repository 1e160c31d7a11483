// What every driver here says and offers, so that all clients ask the same.
export const QUESTION = "How is the weather in Paris?";
export const TITLE_QUESTION = "Find a title for this conversation.";
export const MODEL = "gpt-5.4";
export const SMALL_MODEL = "gpt-5.4-mini";

export const PARAMETERS = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};

export const SCHEMA = {
  type: "object",
  properties: { city: { type: "string" }, celsius: { type: "integer" } },
  required: ["city", "celsius"],
  additionalProperties: false,
};

export function weather({ city }) {
  return `18 °C in ${city}`;
}
