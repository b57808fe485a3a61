/** The call in a browser. */
export * from "./call.ts";
