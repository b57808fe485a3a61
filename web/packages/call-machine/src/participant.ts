/** Participants and tracks in daily-js's words. */
import { customSource, wantedOf, type CallState, type CustomTrackView, type Participant, type Permissions, type TrackSource, type TrackView } from "@parlor/browser";

/** Our sources under daily-js's names. */
export const TRACK_KEYS = {
  audio: "cam-audio",
  video: "cam-video",
  screenAudio: "screen-audio",
  screenVideo: "screen-video",
} as const satisfies Record<string, TrackSource>;

type TrackKey = keyof typeof TRACK_KEYS;

/** A track entry; the client adds the tracks themselves. */
export interface TrackEntry {
  readonly subscribed: boolean | "staged";
  readonly state: TrackView["state"];
  readonly off?: Readonly<Record<string, true>>;
  readonly blocked?: Readonly<Record<string, true>>;
  /** With custom tracks, whose name does not say it. */
  readonly kind?: "audio" | "video";
}

const OFF_KEYS = { user: "byUser", "remote-request": "byRemoteRequest", permission: "byCanSendPermission", bandwidth: "byBandwidth" } as const;
const BLOCKED_KEYS = { missing: "byDeviceMissing", "in-use": "byDeviceInUse", permission: "byPermissions", unknown: null } as const;
/** Qualities, as newer clients name them. */
export const QUALITY_STATES = { good: "good", weak: "warning", poor: "bad", unknown: "unknown" } as const;
/** Qualities, as older clients name them. */
export const THRESHOLDS = { good: "good", weak: "low", poor: "very-low", unknown: "good" } as const;

/** Oneself. `placeholderId` stands in for the session id before joining. */
export function localParticipant(state: CallState, placeholderId: string): Record<string, unknown> {
  const { local, network } = state;
  const id = local.id === "" ? placeholderId : local.id;
  return {
    ...participant({ ...local, id, userId: local.userId === "" ? id : local.userId, network: network.quality }, () => true),
    local: true,
  };
}

/** Somebody else. */
export function remoteParticipant(state: CallState, someone: Participant): Record<string, unknown> {
  const subscribed = (source: TrackSource): boolean | "staged" => wantedOf(state.subscriptions, someone.id, source);
  return { ...participant(someone, subscribed), local: false };
}

function participant(someone: Participant, subscribed: (source: TrackSource) => boolean | "staged"): Record<string, unknown> {
  const { tracks } = someone;
  return {
    session_id: someone.id,
    user_id: someone.userId,
    user_name: someone.userName,
    ...(someone.userData === undefined || someone.userData === null ? {} : { userData: someone.userData }),
    owner: someone.isOwner,
    ...(someone.joinedAt === null ? {} : { joined_at: new Date(someone.joinedAt) }),
    will_eject_at: new Date(someone.ejectAt ?? 0),
    record: someone.isRecording,
    audio: isOn(tracks["cam-audio"]),
    video: isOn(tracks["cam-video"]),
    screen: isOn(tracks["screen-video"]),
    permissions: permissions(someone.permissions),
    tracks: {
      // A custom track that bears a standard name must not stand in for that one.
      ...customEntries(someone.custom, subscribed),
      ...mapKeys((key) => trackEntry(tracks[TRACK_KEYS[key]], subscribed(TRACK_KEYS[key]))),
    },
    networkThreshold: THRESHOLDS[someone.network],
    networkQualityState: QUALITY_STATES[someone.network],
    cam_info: {},
    screen_info: {},
  };
}

function isOn({ state }: TrackView): boolean {
  return state !== "off" && state !== "blocked";
}

function mapKeys(entry: (key: TrackKey) => TrackEntry): Record<TrackKey, TrackEntry> {
  return { audio: entry("audio"), video: entry("video"), screenAudio: entry("screenAudio"), screenVideo: entry("screenVideo") };
}

function customEntries(custom: Participant["custom"], subscribed: (source: TrackSource) => boolean | "staged"): Record<string, TrackEntry> {
  return Object.fromEntries(Object.entries(custom).map(([tag, view]) => [tag, customEntry(view, subscribed(customSource(view.kind, tag)))]));
}

function customEntry(view: CustomTrackView, subscribed: boolean | "staged"): TrackEntry {
  return { ...trackEntry(view, subscribed), kind: view.kind };
}

/** One track entry. */
export function trackEntry(view: TrackView, subscribed: boolean | "staged"): TrackEntry {
  const blocked = view.blocked === undefined ? undefined : BLOCKED_KEYS[view.blocked];
  return {
    subscribed,
    state: view.state,
    ...(view.off === undefined ? {} : { off: { [OFF_KEYS[view.off]]: true as const } }),
    ...(blocked === undefined ? {} : { blocked: blocked === null ? {} : { [blocked]: true as const } }),
  };
}

/** Permissions with sets for lists, as the client hands them to applications. */
export function permissions(own: Permissions): Record<string, unknown> {
  return {
    hasPresence: own.hasPresence,
    canSend: Array.isArray(own.canSend) ? new Set(own.canSend) : own.canSend,
    canReceive: own.canReceive,
    canAdmin: Array.isArray(own.canAdmin) ? new Set(own.canAdmin) : own.canAdmin,
  };
}
