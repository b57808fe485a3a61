import type { FormEvent } from 'react';

export interface Invitation {
  readonly url: string;
  readonly name: string;
  readonly token: string;
}

interface Props {
  readonly problem: string;
  readonly onEnter: (invitation: Invitation) => void;
}

/** `?url=…&name=…` fills the form, so that a link can lead into a room. */
const given = new URLSearchParams(location.search);

export function Door({ problem, onEnter }: Props) {
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (name: string): string => String(data.get(name) ?? '').trim();
    onEnter({ url: text('url'), name: text('name'), token: text('token') });
  };
  return (
    <form className="door" onSubmit={submit}>
      <h1>Join a call</h1>
      <label>
        Room URL
        <input name="url" type="url" required placeholder="http://127.0.0.1:8080/hello" defaultValue={given.get('url') ?? ''} />
      </label>
      <label>
        Your name
        <input name="name" required maxLength={40} autoComplete="name" defaultValue={given.get('name') ?? ''} />
      </label>
      <label>
        Meeting token, if the room is private
        <input name="token" autoComplete="off" defaultValue={given.get('token') ?? ''} />
      </label>
      <button className="primary">Join</button>
      <p role="alert">{problem}</p>
    </form>
  );
}
