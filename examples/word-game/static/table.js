// What the referee says, as a page. Wishes go back through `wish`.
const $ = (id) => document.getElementById(id);
const TEAM_NAMES = { red: 'Red', blue: 'Blue' };

export class Table {
  #me;
  #nameOf;
  #view = null;
  #endsAt = 0;
  #ticking;

  /** `me` is one's own session id, `nameOf` knows everybody's name. */
  constructor(me, nameOf) {
    this.#me = me;
    this.#nameOf = nameOf;
    this.#ticking = setInterval(() => this.#showClock(), 250);
    this.#say('Waiting for the host', '');
  }

  close() {
    clearInterval(this.#ticking);
  }

  /** Draws the state that the host sent. */
  show(view) {
    const wasGuessing = !$('guess').hidden;
    this.#view = view;
    // The host's clock is not ours, so the end comes as a remainder.
    this.#endsAt = Date.now() + (view.turn?.msLeft ?? 0);
    $('score-red').textContent = view.scores.red;
    $('score-blue').textContent = view.scores.blue;
    this.#showTeams();
    this.#showActions();
    this.#showFeed();
    this.#showClock();
    this.#say(...this.#headline());
    if (!wasGuessing && !$('guess').hidden) $('guess').elements.text.focus();
  }

  /** The secret, which only the one who describes it is sent. */
  tellWord(word) {
    $('word').textContent = word;
  }

  lose(reason) {
    this.#view = null;
    for (const id of ['word', 'guess', 'skip', 'go', 'begin', 'clock', 'teams']) $(id).hidden = true;
    this.#say(reason, '');
  }

  get #isSpeaker() {
    return this.#view.turn?.speaker === this.#me;
  }

  get #myTeam() {
    const { teams } = this.#view;
    return Object.keys(teams).find((team) => teams[team].includes(this.#me));
  }

  #showTeams() {
    const { phase, teams } = this.#view;
    const isOpen = phase === 'gathering' || phase === 'over' || this.#myTeam === undefined;
    $('teams').hidden = !isOpen;
    for (const button of $('teams').children) {
      const team = button.dataset.team;
      button.textContent = `Join ${TEAM_NAMES[team]} (${teams[team].length})`;
      button.setAttribute('aria-pressed', String(this.#myTeam === team));
    }
  }

  #showActions() {
    const { phase, turn, canBegin } = this.#view;
    const isTurn = phase === 'turn';
    $('word').hidden = $('skip').hidden = !(isTurn && this.#isSpeaker);
    $('guess').hidden = !(isTurn && !this.#isSpeaker && this.#myTeam === turn.team);
    $('go').hidden = !(phase === 'ready' && this.#isSpeaker);
    $('begin').hidden = !(canBegin && (phase === 'gathering' || phase === 'over'));
    $('begin').textContent = phase === 'over' ? 'Play again' : 'Begin';
    $('table').dataset.team = turn?.team ?? '';
  }

  #headline() {
    const { phase, turn, scores, canBegin } = this.#view;
    const speaker = turn ? this.#nameOf(turn.speaker) : '';
    const which = turn ? `Turn ${turn.number} of ${turn.of} · ${TEAM_NAMES[turn.team]}` : '';
    switch (phase) {
      case 'gathering':
        return [canBegin ? 'Ready when you are' : 'Choose a team: each needs two players', ''];
      case 'ready':
        return [this.#isSpeaker ? 'Your turn to describe' : `${speaker} describes next`, which];
      case 'turn':
        if (this.#isSpeaker) return ['Describe this, without saying it', which];
        return [this.#myTeam === turn.team ? `What is ${speaker} describing?` : `${TEAM_NAMES[turn.team]} is guessing`, which];
      case 'over':
        if (scores.red === scores.blue) return ['A draw', ''];
        return [`${scores.red > scores.blue ? 'Red' : 'Blue'} wins`, ''];
    }
    return ['', ''];
  }

  #say(headline, turn) {
    // Unchanged text is not said again by screen readers.
    if ($('headline').textContent !== headline) $('headline').textContent = headline;
    $('turn').textContent = turn;
  }

  #showFeed() {
    $('feed').replaceChildren(...this.#view.feed.map(({ by, text, result }) => {
      const line = document.createElement('p');
      line.className = result;
      // As text, never as HTML: players type it.
      line.textContent = {
        right: `${this.#nameOf(by)} got it: ${text}`,
        wrong: `${this.#nameOf(by)}: ${text}`,
        skipped: `Skipped: ${text}`,
        missed: `Time is up. It was: ${text}`,
      }[result] ?? '';
      return line;
    }));
    $('feed').scrollTop = $('feed').scrollHeight;
  }

  #showClock() {
    const isRunning = this.#view?.phase === 'turn';
    $('clock').hidden = !isRunning;
    if (isRunning) $('clock').textContent = `${Math.max(0, Math.ceil((this.#endsAt - Date.now()) / 1000))} s`;
  }
}
