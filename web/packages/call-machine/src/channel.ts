/** The way to and from one daily-js object in this window. */
import { eventMessage, parseRequest, replyMessage, type Address, type ClientRequest, type Fields } from "./message.ts";

/** What sends to a client; the frame's page has one of its own (frame.ts). */
export interface Channel {
  /** Tells of an event. */
  send(action: string, fields?: Fields): void;
  /** Answers, if the client waits for an answer. */
  reply(request: ClientRequest, fields: Fields): void;
}

/** Posts to the window that we share with the client. */
export class WindowChannel implements Channel {
  readonly #window: Window;
  readonly #isAlive: () => boolean;
  readonly #handle: (request: ClientRequest) => void;
  #address: Address;
  readonly #listener = (event: MessageEvent<unknown>): void => this.#receive(event);

  /** `isAlive`: whether the client object still exists; asked before each message. */
  constructor(window: Window, clientId: string, isAlive: () => boolean, handle: (request: ClientRequest) => void) {
    this.#window = window;
    this.#isAlive = isAlive;
    this.#handle = handle;
    this.#address = { clientId, idField: "both" };
    window.addEventListener("message", this.#listener);
  }

  send(action: string, fields: Fields = {}): void {
    this.#post(eventMessage(this.#address, action, fields));
  }

  reply(request: ClientRequest, fields: Fields): void {
    if (request.stamp !== null) this.#post(replyMessage(this.#address, request, fields));
  }

  close(): void {
    this.#window.removeEventListener("message", this.#listener);
  }

  #receive(event: MessageEvent<unknown>): void {
    if (!this.#isAlive()) {
      this.close();
      return;
    }
    if (event.source !== this.#window) return;
    const parsed = parseRequest(event.data);
    if (parsed?.address.clientId !== this.#address.clientId) return;
    this.#address = parsed.address;
    this.#handle(parsed.request);
  }

  #post(message: Fields): void {
    const { protocol, origin } = this.#window.location;
    const hasOrigin = protocol !== "file:" && origin !== "null";
    this.#window.postMessage(message, hasOrigin ? origin : "*");
  }
}
