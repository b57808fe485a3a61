// What account pages gain by a script: the chosen theme, an eye at passwords,
// and passkeys. Forms work without it.
(() => {
  'use strict';

  // As the dashboard keeps it (ui/src/theme.ts); before anything is shown.
  try {
    const theme = localStorage.getItem('parlor.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is forbidden here: the device's own look it is.
  }

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const described = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

  /** Asks the server; what it refuses is thrown in its own words. */
  async function ask(address, csrf, body) {
    const answer = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-csrf': csrf },
      body: JSON.stringify(body),
    });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(said.info ?? 'the server did not answer: try again');
    return said;
  }

  async function make(csrf, name) {
    const { ceremony, options } = await ask('/account/passkeys/begin', csrf, {});
    const asked = options.publicKey;
    const made = await navigator.credentials.create({
      publicKey: {
        ...asked,
        challenge: bytes(asked.challenge),
        user: { ...asked.user, id: bytes(asked.user.id) },
        excludeCredentials: described(asked.excludeCredentials),
      },
    });
    const credential = {
      id: made.id,
      rawId: text(made.rawId),
      type: made.type,
      response: {
        attestationObject: text(made.response.attestationObject),
        clientDataJSON: text(made.response.clientDataJSON),
      },
    };
    await ask('/account/passkeys/finish', csrf, { ceremony, name, credential });
    location.assign('/account/passkeys');
  }

  async function signIn(csrf, wayOn) {
    const { ceremony, options } = await ask('/account/sign-in/passkey/begin', csrf, {});
    const asked = options.publicKey;
    const used = await navigator.credentials.get({
      publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: described(asked.allowCredentials) },
    });
    const { response } = used;
    const credential = {
      id: used.id,
      rawId: text(used.rawId),
      type: used.type,
      response: {
        authenticatorData: text(response.authenticatorData),
        clientDataJSON: text(response.clientDataJSON),
        signature: text(response.signature),
        userHandle: response.userHandle ? text(response.userHandle) : null,
      },
    };
    const done = await ask('/account/sign-in/passkey/finish', csrf, { ceremony, credential, continue: wayOn });
    location.assign(done.location);
  }

  /** What went wrong, as a sentence. The dialog's own refusals are all alike. */
  function words(problem) {
    if (problem.name === 'InvalidStateError') return 'This device has a passkey for your account already.';
    if (problem instanceof DOMException) return 'Nothing happened: the browser closed the question. Try again.';
    const said = String(problem.message);
    return `${said.charAt(0).toUpperCase()}${said.slice(1)}.`;
  }

  function passkeys() {
    if (!window.PublicKeyCredential) return;
    // Browsers bind them to one origin; a page opened under another has none.
    const parts = [...document.querySelectorAll('[data-passkeys]')].filter((part) => part.dataset.passkeys === location.origin);
    if (parts.length === 0) return;
    for (const part of parts) part.hidden = false;
    for (const part of document.querySelectorAll('[data-no-passkeys]')) part.hidden = true;
    const value = (name) => document.querySelector(`[name="${name}"]`)?.value ?? '';
    for (const button of document.querySelectorAll('[data-passkey]')) {
      const act = async (event) => {
        event.preventDefault();
        if (button.getAttribute('aria-busy') === 'true') return;
        const problem = document.querySelector('[data-passkey-problem]');
        problem.hidden = true;
        button.setAttribute('aria-busy', 'true');
        try {
          if (button.dataset.passkey === 'sign-in') await signIn(value('csrf'), value('continue'));
          else await make(value('csrf'), value('name'));
        } catch (error) {
          problem.textContent = words(error);
          problem.hidden = false;
        }
        button.removeAttribute('aria-busy');
      };
      if (button.form && button.type === 'submit') button.form.addEventListener('submit', act);
      else button.addEventListener('click', act);
    }
  }

  /** A password may be looked at. */
  function eyes() {
    for (const eye of document.querySelectorAll('[data-shows]')) {
      const field = document.getElementById(eye.dataset.shows);
      eye.hidden = false;
      eye.addEventListener('click', () => {
        const isShown = field.type === 'password';
        field.type = isShown ? 'text' : 'password';
        eye.setAttribute('aria-pressed', String(isShown));
        field.focus();
      });
    }
  }

  document.addEventListener('DOMContentLoaded', () => {
    eyes();
    passkeys();
  });
})();
