/** The bundle: runs once for each client object that loads it. */
import { attachAll, isCancelled } from "./attach.ts";
import type { ClientWindow } from "./client-window.ts";

const clientWindow = window as ClientWindow;
if (!isCancelled(clientWindow)) attachAll(clientWindow);
