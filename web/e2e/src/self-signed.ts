// Meeting tokens signed by the app itself, with the API key as the secret.
import { createHmac } from 'node:crypto';

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An HS256 token with exactly these claims. */
export function signToken(apiKey: string, claims: object): string {
  const text = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded(claims)}`;
  return `${text}.${createHmac('sha256', apiKey).update(text).digest('base64url')}`;
}
