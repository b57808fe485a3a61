/** Where in the dashboard somebody is; the address says it. */
import type { KeyPermission } from "@parlor/protocol";

/** The pages of the dashboard. */
const PLACES = ["api-keys", "members", "audit"] as const;

/** A page of the dashboard. */
export type PlaceId = (typeof PLACES)[number];

/** The base of every page. */
export const BASE = "/dashboard";

/** The page that an address names; none for one that there is not. */
export function placeOf(path: string): PlaceId | null {
  const rest = path.replace(/\/+$/, "").slice(BASE.length);
  return rest === "" ? "api-keys" : (PLACES.find((place) => rest === `/${place}`) ?? null);
}

/** The address of a page. */
export function addressOf(place: PlaceId): string {
  return `${BASE}/${place}`;
}

/** What a page is for those only who hold it. */
export const NEEDS: Readonly<Record<PlaceId, KeyPermission | null>> = { "api-keys": null, members: null, audit: "read:audit_logs" };
