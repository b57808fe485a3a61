/** In which order people stand in the list: oneself, hosts, raised hands, who spoke, then as they came. */

/** What the order looks at. */
export interface OrderedPerson {
  readonly id: string;
  readonly joinedAt: number | null;
}

/** What is known beside the people. */
export interface PeopleLook<P> {
  readonly isHost: (person: P) => boolean;
  readonly hands: ReadonlyMap<string, number>;
  /** When each last spoke; who spoke at all stands before who never did. */
  readonly spokeAt: ReadonlyMap<string, number>;
}

/** Everybody in order. Who spoke stays put: only that they did counts, not when. */
export function peopleOrder<P extends OrderedPerson>(own: P, others: readonly P[], look: PeopleLook<P>): P[] {
  const rank = (person: P): number => (look.isHost(person) ? 0 : look.hands.has(person.id) ? 1 : look.spokeAt.has(person.id) ? 2 : 3);
  const byRank = (a: P, b: P): number => rank(a) - rank(b) || (look.hands.get(a.id) ?? 0) - (look.hands.get(b.id) ?? 0) || (a.joinedAt ?? 0) - (b.joinedAt ?? 0);
  return [own, ...[...others].sort(byRank)];
}
