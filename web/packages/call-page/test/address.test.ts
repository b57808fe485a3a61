import { expect, it } from "vitest";

import { parseAddress } from "../src/address.ts";

it("takes the last segment as the room, and the token from the query", () => {
  const address = parseAddress({ href: "http://localhost:8080/demo?t=abc.def.ghi" });
  expect(address).toEqual({ url: "http://localhost:8080/demo", room: "demo", host: "localhost:8080", token: "abc.def.ghi", embedding: null });
});

it("understands the alias with the host in the path, and a slash at the end", () => {
  expect(parseAddress({ href: "https://a.example/b.example/demo/" })).toMatchObject({ url: "https://a.example/b.example/demo", room: "demo" });
});

it("survives a broken escape", () => {
  expect(parseAddress({ href: "http://localhost/%E0%A4%A" }).room).toBe("%E0%A4%A");
});

it("knows who embeds it, and posts only to that origin", () => {
  const { embedding } = parseAddress({ href: "http://localhost/demo?emb=17.5&embHref=https%3A%2F%2Fapp.example%2Fcall%3Fx%3D1&dailyJsVersion=0.92.2" });
  expect(embedding).toEqual({ clientId: "17.5", origin: "https://app.example", dailyJsVersion: "0.92.2" });
});

it("is not embedded by half an address", () => {
  expect(parseAddress({ href: "http://localhost/demo?emb=17" }).embedding).toBeNull();
  expect(parseAddress({ href: "http://localhost/demo?emb=17&embHref=nonsense" }).embedding).toBeNull();
});
