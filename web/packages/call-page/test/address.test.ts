import { expect, it } from "vitest";

import { parseAddress } from "../src/address.ts";

it("takes the last segment as the room, and the token from the query", () => {
  const address = parseAddress({ href: "http://localhost:8080/demo?t=abc.def.ghi" });
  expect(address).toEqual({ url: "http://localhost:8080/demo", room: "demo", host: "localhost:8080", token: "abc.def.ghi" });
});

it("understands the alias with the host in the path, and a slash at the end", () => {
  expect(parseAddress({ href: "https://a.example/b.example/demo/" })).toMatchObject({ url: "https://a.example/b.example/demo", room: "demo" });
});

it("survives a broken escape", () => {
  expect(parseAddress({ href: "http://localhost/%E0%A4%A" }).room).toBe("%E0%A4%A");
});
