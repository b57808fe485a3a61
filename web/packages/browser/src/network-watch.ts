/** Says when another network carries us. */

/** What Chromium on phones tells of the network, and the type definitions do not know. */
interface NetworkInformation extends EventTarget {
  readonly type?: string;
}

/** Until the signal: calls back when there is a network again, and when it is one of another kind. */
export function watchNetwork(changed: () => void, signal: AbortSignal): void {
  addEventListener("online", changed, { signal });
  const { connection } = navigator as { readonly connection?: NetworkInformation };
  let type = connection?.type;
  const look = (): void => {
    // It also tells of each new estimate of speed, which is no change of network.
    if (connection?.type === type || connection?.type === "none") return;
    type = connection?.type;
    changed();
  };
  connection?.addEventListener("change", look, { signal });
}
