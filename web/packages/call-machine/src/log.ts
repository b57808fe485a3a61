/** Words to the developer of the application, where no event of the client's fits. */

/** Warns on the console. */
export function warn(text: string): void {
  // oxlint-disable-next-line no-console -- nobody else would learn that a call did nothing
  console.warn(`Call machine: ${text}`);
}
