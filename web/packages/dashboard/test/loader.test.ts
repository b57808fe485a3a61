import { beforeEach, expect, test, vi } from "vitest";

import type { Member, Organization } from "../src/face/types.ts";
import { Loader, type Workspace } from "../src/loader.ts";
import { person } from "./people.ts";

const kept = new Map<string, string>();
const KEPT = "parlor.organization";

beforeEach(() => {
  kept.clear();
  vi.stubGlobal("localStorage", { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value) });
});

const organization = (id: string): Organization => ({ id, name: id, domain: id, personal: false, createdBy: "" });
const settle = () => new Promise((done) => setTimeout(done));

/** A loader, what it showed, and the questions for members, which are answered by hand. */
function loading() {
  const shown: string[] = [];
  const asked: { of: string; answer: (members: readonly Member[]) => void; fail: () => void }[] = [];
  const organizations = ["a", "b"].map(organization);
  const face = {
    me: async () => ({ id: "u1", name: "Ana", email: "" }),
    organizations: async () => organizations,
    members: (of: string) => new Promise<readonly Member[]>((answer, reject) => asked.push({ of, answer, fail: () => reject(new Error(`no ${of}`)) })),
  };
  const loader = new Loader(face, (workspace: Workspace) => shown.push(workspace.state === "here" ? `${workspace.organization.id} ${workspace.members.length}` : workspace.state));
  const answerTo = async (at: number, members = 1) => {
    asked[at]?.answer(Array.from({ length: members }, () => person("u1", "Ana")));
    await settle();
  };
  return { loader, shown, asked, organizations, answerTo };
}

/** The same, with `a` on show. */
async function withA() {
  const all = loading();
  all.loader.begin("a");
  await settle();
  await all.answerTo(0);
  return all;
}

test("another tab's choice is not this one's", async () => {
  const { loader, shown, answerTo } = await withA();
  expect(kept.get(KEPT)).toBe("a");
  kept.set(KEPT, "b");
  const done = loader.refresh();
  await settle();
  await answerTo(1, 2);
  await done;
  expect(shown).toEqual(["loading", "a 1", "a 2"]);
  expect(kept.get(KEPT)).toBe("b");
});

test("an answer that comes after another organization was chosen is not shown", async () => {
  const { loader, shown, asked, answerTo } = await withA();
  const late = [loader.refresh(), loader.refresh()];
  await settle();
  loader.choose("b");
  // What asks for news while another organization loads belongs to the one before.
  await loader.refresh();
  await settle();
  expect(asked.map(({ of }) => of)).toEqual(["a", "a", "a", "b"]);
  await answerTo(3);
  asked[1]?.fail();
  await answerTo(2);
  await Promise.all(late);
  expect([shown, kept.get(KEPT)]).toEqual([["loading", "a 1", "loading", "b 1"], "b"]);
});

test("what is on show stays when there is no answer, and whoever asked is told", async () => {
  const { loader, shown, asked } = await withA();
  const failed = expect(loader.refresh()).rejects.toThrow("no a");
  await settle();
  asked[1]?.fail();
  await failed;
  expect(shown).toEqual(["loading", "a 1"]);
});

test("who is in an organization no more is shown another one", async () => {
  const { loader, shown, organizations, answerTo } = await withA();
  organizations.shift();
  const done = loader.refresh();
  await settle();
  await answerTo(1);
  await done;
  expect(shown.at(-1)).toBe("b 1");
});

test("trying again means the same organization", async () => {
  const { loader, shown, asked, answerTo } = loading();
  kept.set(KEPT, "a");
  loader.begin("b");
  await settle();
  asked[0]?.fail();
  await settle();
  loader.again();
  await settle();
  await answerTo(1);
  expect(shown).toEqual(["loading", "failed", "loading", "b 1"]);
});
