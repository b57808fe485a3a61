import type { Document } from "../src/model/openapi.ts";

/** A small document with one of everything. */
export const SAMPLE: Document = {
  info: { title: "Parlor", version: "1.0.0" },
  servers: [{ url: "/v1" }],
  tags: [{ name: "rooms", description: "Rooms." }, { name: "meeting-tokens" }, { name: "empty" }],
  paths: {
    "/": { get: { operationId: "read_domain", summary: "Read the domain", tags: ["rooms"], responses: {} } },
    "/rooms/{name}": {
      post: {
        operationId: "update_room",
        summary: "Change a room",
        tags: ["rooms"],
        parameters: [
          { name: "name", in: "path", required: true, example: "it's", schema: { type: "string" } },
          { name: "limit", in: "query", schema: { type: "integer" } },
        ],
        requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/Update" }, example: { privacy: "public" } } } },
        responses: {
          "200": { description: "It is done" },
          "404": { $ref: "#/components/responses/NotFound" },
        },
        "x-permission": "write:rooms",
      },
    },
    "/meeting-tokens": { post: { operationId: "create_token", tags: ["meeting-tokens"], responses: {} } },
  },
  components: {
    schemas: {
      Update: {
        type: "object",
        required: ["privacy"],
        properties: {
          privacy: { type: ["string", "null"], enum: ["public", "private", null], description: "Who may enter." },
          properties: { oneOf: [{ $ref: "#/components/schemas/Properties" }, { type: "null" }] },
          tags: { type: "array", items: { type: "string" } },
        },
      },
      Properties: { type: "object", properties: { max: { type: "integer", minimum: 1, maximum: 200, default: 200 }, self: { $ref: "#/components/schemas/Properties" } } },
    },
    responses: {
      NotFound: {
        description: "There is no such thing.",
        content: { "application/json": { examples: { room: { value: { error: "not-found", info: "room standup not found" } } } } },
      },
    },
  },
};
