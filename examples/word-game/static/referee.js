// The rules of the game, and nothing else: no call, no page, no clock of its
// own. The host's browser runs it, everybody else's is told what it decides.

export const TEAMS = ['red', 'blue'];
export const TURN_MS = 60_000;
export const TURNS = 6;

/** Longer guesses are nobody's word. */
const MAX_GUESS = 60;
/** How much of the last turn's talk is kept and sent around. */
const FEED = 12;

export class Referee {
  #words;
  #players = new Map(); // id → team, or null for those who have not chosen
  #phase = 'gathering'; // gathering → ready ⇄ turn → over
  #turn = null; // { number, team, speaker, word, endsAt }
  #spoken = new Map(); // id → how often
  #scores = { red: 0, blue: 0 };
  #feed = [];

  /** `words` are used in this order, and over again when they run out. */
  constructor(words) {
    this.#words = [...words];
  }

  join(id) {
    if (!this.#players.has(id)) this.#players.set(id, null);
  }

  leave(id, now) {
    this.#players.delete(id);
    this.#giveUpImpossibleTurn(now);
  }

  /** What somebody wants. What they may not do, or what is nonsense, changes nothing. */
  handle(id, wish, now) {
    if (!this.#players.has(id) || typeof wish !== 'object' || wish === null) return;
    this.tick(now);
    switch (wish.kind) {
      case 'team':
        return this.#choose(id, wish.team, now);
      case 'begin':
        return this.#begin();
      case 'go':
        return this.#go(id, now);
      case 'skip':
        return this.#skip(id);
      case 'guess':
        return this.#guess(id, wish.text);
    }
  }

  /** Ends a turn whose time is over. */
  tick(now) {
    if (this.#phase === 'turn' && now >= this.#turn.endsAt) this.#endTurn();
  }

  /** When `tick` has something to do, or null. */
  get wakeAt() {
    return this.#phase === 'turn' ? this.#turn.endsAt : null;
  }

  /** The word, for the one who has to describe it. */
  get secret() {
    return this.#phase === 'turn' ? { speaker: this.#turn.speaker, word: this.#turn.word } : null;
  }

  /** What everybody may know. Time as a remainder, because clocks differ. */
  view(now) {
    const { word: _secret, endsAt, ...turn } = this.#turn ?? {};
    return {
      phase: this.#phase,
      teams: Object.fromEntries(TEAMS.map((team) => [team, this.#team(team)])),
      scores: { ...this.#scores },
      turn: this.#turn && { ...turn, of: TURNS, msLeft: this.#phase === 'turn' ? Math.max(0, endsAt - now) : TURN_MS },
      canBegin: this.#playable().length > 0,
      feed: this.#feed,
    };
  }

  #choose(id, team, now) {
    if (!TEAMS.includes(team)) return;
    this.#players.set(id, team);
    this.#giveUpImpossibleTurn(now);
  }

  #begin() {
    if ((this.#phase !== 'gathering' && this.#phase !== 'over') || this.#playable().length === 0) return;
    this.#scores = { red: 0, blue: 0 };
    this.#spoken.clear();
    this.#turn = null;
    this.#nextTurn();
  }

  #go(id, now) {
    if (this.#phase !== 'ready' || id !== this.#turn.speaker) return;
    this.#phase = 'turn';
    this.#feed = [];
    this.#spoken.set(id, (this.#spoken.get(id) ?? 0) + 1);
    this.#turn = { ...this.#turn, word: this.#drawWord(), endsAt: now + TURN_MS };
  }

  #skip(id) {
    if (this.#phase !== 'turn' || id !== this.#turn.speaker) return;
    this.#tell({ by: id, text: this.#turn.word, result: 'skipped' });
    this.#turn = { ...this.#turn, word: this.#drawWord() };
  }

  #guess(id, text) {
    if (this.#phase !== 'turn' || typeof text !== 'string') return;
    const { speaker, team, word } = this.#turn;
    const guess = plain(text).slice(0, MAX_GUESS);
    if (id === speaker || this.#players.get(id) !== team || guess === '') return;
    const isRight = guess === plain(word);
    this.#tell({ by: id, text: guess, result: isRight ? 'right' : 'wrong' });
    if (!isRight) return;
    this.#scores[team] += 1;
    this.#turn = { ...this.#turn, word: this.#drawWord() };
  }

  #tell(line) {
    this.#feed = [...this.#feed, line].slice(-FEED);
  }

  #endTurn() {
    this.#tell({ by: this.#turn.speaker, text: this.#turn.word, result: 'missed' });
    this.#nextTurn();
  }

  /** The other team's turn if it can play, and whoever of it has spoken least. */
  #nextTurn() {
    const number = (this.#turn?.number ?? 0) + 1;
    const able = this.#playable();
    if (number > TURNS || able.length === 0) {
      this.#phase = 'over';
      this.#turn = null;
      return;
    }
    const team = able.find((team) => team !== this.#turn?.team) ?? able[0];
    const spoken = (id) => this.#spoken.get(id) ?? 0;
    const speaker = this.#team(team).reduce((least, id) => (spoken(id) < spoken(least) ? id : least));
    this.#phase = 'ready';
    this.#turn = { number, team, speaker, word: '', endsAt: 0 };
  }

  /** A turn without its speaker, or without anybody to guess, is over. */
  #giveUpImpossibleTurn(now) {
    this.tick(now);
    if (this.#phase !== 'ready' && this.#phase !== 'turn') return;
    const { team, speaker } = this.#turn;
    if (this.#players.get(speaker) !== team || this.#team(team).length < 2) this.#nextTurn();
  }

  #team(team) {
    return [...this.#players].filter(([, of]) => of === team).map(([id]) => id);
  }

  /** One speaks, another guesses: a team needs two. */
  #playable() {
    return TEAMS.filter((team) => this.#team(team).length >= 2);
  }

  #drawWord() {
    const word = this.#words.shift();
    this.#words.push(word);
    return word;
  }
}

/** Letters and digits only, small: "A  Light-house!" is "a lighthouse". */
function plain(text) {
  return text.toLowerCase().replace(/[^\p{L}\p{N} ]/gu, '').replace(/\s+/g, ' ').trim().replace(/^(an?|the) /, '');
}

/** A new order for the words. */
export function shuffled(words, random = Math.random) {
  const order = [...words];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}
