import { useAppMessage, useDaily } from '@daily-co/daily-react';
import { useCallback, useState, type FormEvent } from 'react';

interface Message {
  readonly number: number;
  readonly name: string;
  readonly text: string;
}

interface OnTheWire {
  readonly text: string;
}

/** More would only be scrolled away. */
const KEEP = 200;

export function Chat() {
  const daily = useDaily();
  const [messages, setMessages] = useState<readonly Message[]>([]);
  const add = useCallback((name: string, text: string) => {
    setMessages((all) => [...all.slice(-KEEP), { number: (all.at(-1)?.number ?? 0) + 1, name, text }]);
  }, []);
  const send = useAppMessage<OnTheWire>({
    onAppMessage: useCallback(
      ({ data, fromId }: { data: OnTheWire; fromId: string }) => {
        // Anybody in the call may send anything: take only what is a chat message.
        if (typeof data?.text === 'string') add(daily?.participants()[fromId]?.user_name || 'Guest', data.text);
      },
      [add, daily],
    ),
  });

  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const text = String(new FormData(form).get('text') ?? '').trim();
    if (text === '') return;
    send({ text });
    add(daily?.participants().local.user_name || 'Guest', text);
    form.reset();
  };

  return (
    <section className="chat" aria-label="Chat">
      <div className="log" role="log" aria-label="Messages" tabIndex={0}>
        {messages.map(({ number, name, text }) => (
          <p key={number}>
            <b>{name}</b> {text}
          </p>
        ))}
      </div>
      <form onSubmit={submit}>
        <input name="text" aria-label="Message to everyone" placeholder="Message everyone" maxLength={500} autoComplete="off" />
        <button>Send</button>
      </form>
    </section>
  );
}
