import type { Placed, Schema } from "../../node-types/schemas";

const FLOW: Schema = {
  type: "object",
  required: ["title", "start"],
  properties: {
    title: { type: "string", title: "Title", description: "The name that people see.", maxLength: 200 },
    start: { type: "string", title: "First node", description: "A session begins here.", "x-widget": "node" },
    session: {
      type: "object",
      title: "Session",
      "x-card": true,
      properties: {
        timeout: {
          type: "string",
          title: "End after silence of",
          description: "The session ends when the customer wrote nothing for so long.",
          default: 600,
          "x-widget": "duration",
          "x-card": true,
        },
        on_timeout: {
          type: "string",
          title: "Then go to",
          description: "A node that says goodbye, for instance. Without one, the session just ends.",
          "x-widget": "node",
          "x-card": true,
        },
        grace: {
          type: "string",
          title: "Still take a file after the end for",
          description: "A file that comes so soon after the end is still taken. 0 for none, at most 1 hour.",
          default: 120,
          "x-widget": "duration",
        },
      },
    },
    retention_days: {
      type: "integer",
      title: "Days to keep data",
      description: "How long the customers' files, variables and transcripts are kept.",
      default: 30,
      minimum: 1,
      maximum: 3650,
    },
    given: {
      type: "array",
      title: "Given variables",
      description: "Variables that your business provides when it starts this flow itself.",
      items: { type: "string", "x-widget": "variable" },
      maxItems: 50,
    },
  },
};

/** The fields of a flow itself, as docs/flow-format.md has them. */
export const FLOW_FIELDS: Placed = { schema: FLOW, root: FLOW };
