/** Every screen the page can show, as a scene. */
import type { Ui } from "../src/ui-state.ts";
import type { EndingKind } from "../src/model/ending.ts";
import { en } from "../src/texts/en.ts";
import { personTrack, screenTrack } from "./painted-person.ts";
import type { Cast, Script } from "./scripted-call.ts";

/** A script for the call, and what the page is at. */
export interface Scene {
  readonly script: Script;
  readonly ui: Partial<Ui>;
}

const NAMES = ["Priya Raman", "Jonas Lindqvist", "Maya Okafor", "Bo Nguyen", "Amina Haddad", "Sam Whitfield", "Yuki Tanaka", "Tomás Rivera"];

function host(): Cast {
  return { ...self(), isOwner: true };
}

function self(): Cast {
  return { name: "Elena Petrova", camera: personTrack(7), mic: false, level: 0.3 };
}

function cast(count: number): Cast[] {
  return Array.from({ length: count }, (_, index) => {
    const name = NAMES[index] ?? `Guest ${index + 1}`;
    const camera = index % 8 === 7 ? null : personTrack(index);
    return { name, camera, mic: index < 3, level: index === 0 ? 0.4 : 0, isOwner: index === 0 };
  });
}

const inCall = (others: Cast[], more: Partial<Script> = {}): Script => ({ phase: "joined", self: self(), others, ...more });
const ui = (more: Partial<Ui> = {}): Partial<Ui> => ({ screen: "call", joinedAt: Date.now(), beganAt: Date.now() - 1_448_000, ...more });
const before = (more: Partial<Script> = {}): Script => ({ phase: "idle", self: { ...self(), mic: true }, ...more });
const prejoin = (more: Partial<Ui> = {}): Partial<Ui> => ({ screen: "prejoin", name: "Elena Petrova", ...more });
const ended = (kind: EndingKind, more: object = {}): (() => Scene) => () => ({ script: before(), ui: { screen: "ending", wantsIn: true, ending: { kind, ...more } } });
const blocked = { state: "blocked", blocked: "permission", trackId: null } as const;

const GESTURES = { enable_hand_raising: true, enable_emoji_reactions: true };
const HANDS = new Map([["p2", 1_000], ["self", 3_000], ["p0", 2_000]]);

const at = (minutes: number) => Date.UTC(2026, 10, 21, 14, minutes);
const CHAT: Ui["chat"] = [
  { kind: "message", key: 1, from: "p0", userId: "Priya Raman", name: "Priya Raman", text: "Morning all. Agenda: the waiting room, then the new onboarding figures.", at: at(6) },
  { kind: "message", key: 2, from: "p1", userId: "Jonas Lindqvist", name: "Jonas Lindqvist", text: "Latest frames are in the file. Page 3 is the one to look at.", at: at(11), id: "p1 x" },
  { kind: "message", key: 3, from: "p1", userId: "Jonas Lindqvist", name: "Jonas Lindqvist", text: "https://design.example/waiting-room-v4", at: at(11) },
  { kind: "note", key: 4, text: "Yuki Tanaka joined at 14:19", at: at(19) },
  { kind: "message", key: 5, from: "p5", userId: "Sam Whitfield", name: "Sam Whitfield", text: "Could we keep the guest’s own camera visible while they wait? People want to check their hair.", at: at(23) },
  { kind: "message", key: 6, from: "p0", userId: "Priya Raman", name: "Priya Raman", text: "Yes, it is in the next frame.", at: at(24) },
];

const SAID: Ui["captionLog"] = [
  { key: 1, from: "p0", name: "Priya", text: "Shall we begin with the figures?", at: Date.now() - 60_000 },
  { key: 2, from: "p1", name: "Jonas", text: "So the median went from twenty-one seconds to six, and nobody gave up waiting.", at: Date.now() + 600_000 },
];

/** The scenes by name. */
export const SCENES: Readonly<Record<string, () => Scene>> = {
  prejoin: () => ({ script: before(), ui: prejoin() }),
  "prejoin-off": () => ({ script: before({ self: { name: "" } }), ui: prejoin({ name: "" }) }),
  "prejoin-listener": () => ({ script: before({ self: { name: "" }, maySend: false }), ui: prejoin() }),
  "prejoin-named": () => ({ script: before({ nameFixed: "Elena Petrova", self: { ...self(), mic: true, isOwner: true } }), ui: prejoin() }),
  "prejoin-joining": () => ({ script: before(), ui: prejoin({ joining: "slow" }) }),
  "prejoin-asking": () => ({ script: before({ hasNoDevices: true, local: { "cam-video": { state: "interrupted", trackId: null }, "cam-audio": { state: "interrupted", trackId: null } } }), ui: prejoin() }),
  "prejoin-denied": () => ({ script: before({ hasNoDevices: true, local: { "cam-video": blocked, "cam-audio": blocked } }), ui: prejoin({ failed: { "cam-video": { reason: "permission-user", info: "" }, "cam-audio": { reason: "permission-user", info: "" } } }) }),
  "prejoin-missing": () => ({ script: before({ local: { "cam-video": { state: "blocked", blocked: "missing", trackId: null } } }), ui: prejoin({ failed: { "cam-video": { reason: "missing", info: "" } } }) }),
  "prejoin-busy": () => ({ script: before({ local: { "cam-video": { state: "blocked", blocked: "in-use", trackId: null } } }), ui: prejoin({ failed: { "cam-video": { reason: "in-use", info: "" } } }) }),
  "prejoin-insecure": () => ({ script: before({ hasNoDevices: true, local: { "cam-video": blocked, "cam-audio": blocked } }), ui: prejoin({ failed: { "cam-video": { reason: "unsupported", info: "" }, "cam-audio": { reason: "unsupported", info: "" } } }) }),
  settings: () => ({ script: before(), ui: prejoin({ dialog: "settings" }) }),
  "prejoin-ask": () => ({ script: before({ lobby: { isHostPresent: true, askedAt: null } }), ui: prejoin() }),
  "prejoin-system": () => ({ script: before({ hasNoDevices: true, local: { "cam-video": blocked } }), ui: prejoin({ failed: { "cam-video": { reason: "permission-browser", info: "" } } }) }),
  waiting: () => ({ script: before({ phase: "waiting", lobby: { isHostPresent: true, askedAt: Date.now() - 42_000 } }), ui: { ...prejoin(), screen: "waiting" } }),
  "waiting-nobody": () => ({ script: before({ phase: "waiting", self: { name: "" }, lobby: { isHostPresent: false, askedAt: Date.now() - 42_000 } }), ui: { ...prejoin(), screen: "waiting" } }),
  "settings-call": () => ({ script: inCall(cast(4)), ui: ui({ dialog: "settings" }) }),
  "knock-one": () => ({ script: inCall(cast(5), { self: host(), waiting: ["Lena Fischer"] }), ui: ui() }),
  "knock-host": () => ({ script: inCall(cast(5), { self: host(), waiting: ["Daniel Okoro", "Lena Fischer"] }), ui: ui() }),
  "knock-people": () => ({ script: inCall(cast(5), { self: host(), waiting: ["Lena Fischer", "Daniel Okoro"] }), ui: ui({ panel: "people", hands: HANDS }) }),
  "knock-denied": () => ({ script: inCall(cast(5), { self: host(), waiting: ["Lena Fischer"] }), ui: ui({ denied: new Set(["w0"]), toast: { text: en.knock.denied("Lena Fischer"), action: { label: en.undo, run: () => undefined } } }) }),
  "host-tile-menu": () => ({ script: inCall(cast(5), { self: host() }), ui: ui({ menu: "tile:p1" }) }),
  "host-row-menu": () => ({ script: inCall(cast(5), { self: host() }), ui: ui({ panel: "people", menu: "row:p2" }) }),
  "host-leave": () => ({ script: inCall(cast(5), { self: host() }), ui: ui({ menu: "leave" }) }),
  "host-end": () => ({ script: inCall(cast(5), { self: host() }), ui: ui({ dialog: "end" }) }),
  "host-remove": () => ({ script: inCall(cast(5), { self: host() }), ui: ui({ dialog: "remove:p1" }) }),
  "call-rename": () => ({ script: inCall(cast(5)), ui: ui({ dialog: "rename" }) }),
  "call-asked": () => ({ script: inCall(cast(5)), ui: ui({ toast: { text: en.asked.unmute("Priya Raman"), isError: true, action: { label: en.dock.unmute, run: () => undefined } } }) }),
  "call-broadcast": () => ({ script: inCall(cast(5), { self: { name: "Elena Petrova" }, maySend: false, properties: { owner_only_broadcast: true } }), ui: ui({ panel: "people" }) }),
  "call-commands": () => ({ script: inCall(cast(5), { self: host(), waiting: ["Lena Fischer"] }), ui: ui({ dialog: "commands" }) }),
  "call-troubles": () => ({ script: inCall(cast(5).map((one, index) => ({ ...one, network: index === 1 ? "weak" as const : index === 2 ? "poor" as const : "good" as const, isStarved: index === 3, isRecording: index === 4 }))), ui: ui() }),
  "call-captions": () => ({ script: inCall(cast(5), { properties: { enable_live_captions_ui: true } }), ui: ui({ captions: { isOn: true, size: 18 }, captionLog: SAID }) }),
  "call-caption-log": () => ({ script: inCall(cast(5), { properties: { enable_live_captions_ui: true } }), ui: ui({ captions: { isOn: true, size: 18 }, captionLog: SAID, dialog: "captions" }) }),
  "call-screen-captions": () => ({ script: inCall(cast(8).map((one, index) => (index === 1 ? { ...one, screen: screenTrack() } : one)), { properties: { enable_live_captions_ui: true } }), ui: ui({ captions: { isOn: true, size: 18 }, captionLog: SAID }) }),
  "call-two-screens": () => ({ script: inCall(cast(4).map((one, index) => (index < 2 ? { ...one, screen: screenTrack() } : one))), ui: ui() }),
  "call-pinned": () => ({ script: inCall(cast(5)), ui: ui({ pinned: "p2" }) }),
  "call-advanced-chat": () => ({ script: inCall(cast(5), { properties: { enable_advanced_chat: true } }), ui: ui({ panel: "chat", chat: CHAT, chatReactions: new Map([["p1 x", new Map([["👍", ["p0", "self", "p2"]], ["🎉", ["p0"]]])]]) }) }),
  "call-emoji": () => ({ script: inCall(cast(5), { properties: { enable_advanced_chat: true } }), ui: ui({ panel: "chat", chat: CHAT, menu: "emoji" }) }),
  "call-hundreds": () => ({ script: inCall(cast(140)), ui: ui({ panel: "people" }) }),
  "call-hidden-self": () => ({ script: inCall(cast(4)), ui: ui({ isSelfHidden: true }) }),
  "call-tray": () => ({ script: inCall(cast(4)), ui: ui({ outline: { names: "never", hasSelf: true, hasParticipantsBar: true, mayRename: false, buttons: [{ id: "notes", label: "Notes", tooltip: "Open notes", iconPath: "", iconPathDarkMode: "", isActive: true }] } }) }),
  "call-poor-panel": () => ({ script: inCall(cast(4), { network: { quality: "poor" }, properties: { enable_network_ui: true } }), ui: ui({ menu: "network" }) }),
  "call-recording": () => ({ script: inCall(cast(4), { self: host(), properties: { enable_recording: "cloud", enable_recording_ui: true } }), ui: ui({ isRecording: true, menu: "more" }) }),
  "end-declined": ended("declined"),
  "call-alone": () => ({ script: inCall([]), ui: ui() }),
  "call-two": () => ({ script: inCall(cast(1)), ui: ui() }),
  "call-two-off": () => ({ script: inCall([{ name: "Tomás Rivera", mic: true }]), ui: ui() }),
  "call-grid": () => ({ script: inCall(cast(8)), ui: ui() }),
  "call-chat": () => ({ script: inCall(cast(8)), ui: ui({ panel: "chat", chat: CHAT, firstUnread: 5 }) }),
  "call-people": () => ({ script: inCall(cast(8)), ui: ui({ panel: "people" }) }),
  "call-unread": () => ({ script: inCall(cast(5)), ui: ui({ unread: 2, toast: { text: "Priya Raman: Yes, it is in the next frame.", action: { label: "Open", run: () => undefined } } }) }),
  "call-many": () => ({ script: inCall(cast(31)), ui: ui() }),
  "call-speaker": () => ({ script: inCall(cast(8)), ui: ui({ layout: "speaker" }) }),
  "call-screen": () => ({ script: inCall(cast(8).map((one, index) => (index === 1 ? { ...one, screen: screenTrack() } : one))), ui: ui() }),
  "call-sharing": () => ({ script: inCall(cast(3), { self: { ...self(), screen: screenTrack(), mic: true } }), ui: ui() }),
  "call-away": () => ({ script: inCall(cast(4), { network: { signalling: "interrupted" } }), ui: ui() }),
  "call-silent": () => ({ script: inCall(cast(4)), ui: ui({ isSoundBlocked: true }) }),
  "call-mic-menu": () => ({ script: inCall(cast(4)), ui: ui({ menu: "mic" }) }),
  "call-more": () => ({ script: inCall(cast(4)), ui: ui({ menu: "more" }) }),
  "call-keys": () => ({ script: inCall(cast(4)), ui: ui({ dialog: "shortcuts" }) }),
  "call-listener": () => ({ script: inCall(cast(4), { self: { name: "Elena Petrova" }, maySend: false, properties: { enable_chat: false } }), ui: ui() }),
  "call-network": () => ({ script: inCall(cast(4), { properties: { enable_network_ui: true } }), ui: ui({ menu: "network" }) }),
  "call-hands": () => ({ script: inCall(cast(4), { properties: GESTURES, self: { ...self(), isOwner: true } }), ui: ui({ panel: "people", hands: HANDS }) }),
  "call-react": () => ({ script: inCall(cast(4), { properties: GESTURES }), ui: ui({ menu: "react", hands: HANDS, reactions: new Map([["p0", { reaction: "👏", key: 1 }], ["p2", { reaction: "🎉", key: 2 }]]) }) }),
  "call-react-sheet": () => ({ script: inCall(cast(4), { properties: GESTURES }), ui: ui({ menu: "more", hands: HANDS }) }),
  "call-struggling": () => ({ script: inCall(cast(4)), ui: ui({ toast: { text: en.toast.struggling, action: { label: en.dock.stopVideo, run: () => undefined } } }) }),
  "call-unmuted": () => ({ script: inCall(cast(4), { maySend: false }), ui: ui({ toast: { text: en.permission.mayNotSpeak } }) }),
  "call-poor": () => ({ script: inCall(cast(4), { network: { quality: "poor" } }), ui: ui() }),
  "call-good": () => ({ script: inCall(cast(1), { properties: { enable_network_ui: true } }), ui: ui() }),
  looking: () => ({ script: before(), ui: { screen: "looking" } }),
  "end-no-room": ended("no-room"),
  "end-private": ended("private"),
  "end-closed": ended("closed"),
  "end-full": ended("full"),
  "end-early": ended("early", { opensAt: Date.now() + 724_000 }),
  "end-removed": ended("removed"),
  "end-time-over": ended("time-over"),
  "end-replaced": ended("replaced"),
  "end-ended": ended("ended", { lasted: 47 * 60_000 }),
  "end-left": ended("left", { lasted: 47 * 60_000 }),
  "end-offline": ended("offline"),
  "end-unreachable": ended("unreachable"),
  "end-too-old": ended("too-old"),
  "end-trouble": ended("trouble"),
};
