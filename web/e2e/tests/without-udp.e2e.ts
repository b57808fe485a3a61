// Networks that let no UDP through: the call goes on over TCP, or through the
// relay in the server, with and without TLS.
import { expect, test } from 'vitest';

import { AppWindow } from '../src/app-window.ts';
import { connectTo, startBrowser } from '../src/browser.ts';
import { expectTalk } from '../src/media.ts';
import { Rest } from '../src/rest.ts';
import { SecureParlor } from '../src/secure-parlor.ts';
import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();
const RELAY_ONLY = { dailyConfig: { iceConfig: { iceTransportPolicy: 'relay' } } };

interface Way {
  readonly candidateType: string;
  readonly protocol: string;
  readonly relayProtocol?: string;
}

/** How the media of this page travel. */
async function wayOf({ page }: AppWindow): Promise<Way> {
  return page.evaluate(async () => {
    const connection = window.recorded.peerConnections.findLast(({ connectionState }) => connectionState === 'connected');
    const reports = [...((await connection?.getStats()) ?? new Map()).values()];
    const byId = new Map(reports.map((report) => [report.id, report]));
    const transport = reports.find(({ type }) => type === 'transport');
    const pair = byId.get(transport?.selectedCandidatePairId);
    const { candidateType, protocol, relayProtocol } = byId.get(pair?.localCandidateId) ?? {};
    return { candidateType, protocol, ...(relayProtocol === undefined ? {} : { relayProtocol }) };
  });
}

test('who may use relays only sees and hears the others', async () => {
  const { url } = await stage.rest.createRoom();
  const dailyConfig = { proxyUrl: stage.origin, ...RELAY_ONLY.dailyConfig };
  const ana = await stage.guest(url, 'Ana', { dailyConfig });
  const bo = await stage.guest(url, 'Bo');
  await expectTalk(ana.window, ana.id, bo.window, bo.id);
  expect(await wayOf(ana.window)).toEqual({ candidateType: 'relay', protocol: 'udp', relayProtocol: 'tcp' });
  expect(await wayOf(bo.window)).toMatchObject({ protocol: 'udp' });
});

test('who has no UDP at all is in the call over TCP', async () => {
  const server = await startBrowser('--webrtc-ip-handling-policy=disable_non_proxied_udp', '--force-webrtc-ip-handling-policy');
  try {
    const browser = await connectTo(server.wsEndpoint());
    const { url } = await stage.rest.createRoom();
    const window = await AppWindow.open({ browser, appUrl: stage.appUrl });
    // Without relays, so that there is one way only.
    const iceConfig = { iceServers: [], placement: 'replace' };
    await window.create(stage.callOptions(url, { userName: 'Ana' }, { iceConfig }));
    const { session_id: anaId } = await window.join();
    const bo = await stage.guest(url, 'Bo');
    await expectTalk(window, anaId, bo.window, bo.id);
    expect(await wayOf(window)).toMatchObject({ protocol: 'tcp' });
  } finally {
    await server.close();
  }
});

test('relays and pages share a port with TLS', async () => {
  // The certificate is nobody's.
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  const [parlor, server] = await Promise.all([SecureParlor.start('networks-tls'), startBrowser('--ignore-certificate-errors')]);
  try {
    const browser = await connectTo(server.wsEndpoint());
    const { url } = await new Rest(parlor.ready).createRoom();
    expect(url.startsWith('https://')).toBe(true);
    const guest = async (userName: string): Promise<{ window: AppWindow; id: string }> => {
      const window = await AppWindow.open({ browser, appUrl: stage.appUrl });
      await window.create({ url, userName, dailyConfig: { proxyUrl: parlor.ready.url, ...RELAY_ONLY.dailyConfig } });
      return { window, id: (await window.join()).session_id };
    };
    const [ana, bo] = [await guest('Ana'), await guest('Bo')];
    await expectTalk(ana.window, ana.id, bo.window, bo.id);
    expect(await wayOf(ana.window)).toEqual({ candidateType: 'relay', protocol: 'udp', relayProtocol: 'tls' });
  } finally {
    delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    await Promise.all([parlor.stop(), server.close()]);
  }
});
