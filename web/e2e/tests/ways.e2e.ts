// The ways that an application chooses: other ICE servers, and another address
// for whatever goes to the server.
import { createServer, connect, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';

import { Stage } from '../src/stage.ts';

const stage = Stage.forThisFile();
const SERVER = { urls: 'turn:127.0.0.1:9?transport=udp', username: 'u', credential: 'c' };

test('ICE servers of the application are used, at the join and later', async () => {
  const { url } = await stage.rest.createRoom();
  const ana = await stage.window();
  await ana.create(stage.callOptions(url, { startVideoOff: true }, { iceConfig: { iceServers: [SERVER], placement: 'front' } }));
  await ana.join();
  const servers = () =>
    ana.page.evaluate(() => {
      const open = window.recorded.peerConnections.filter(({ connectionState }) => connectionState !== 'closed');
      return open.flatMap((connection) => connection.getConfiguration().iceServers ?? []).flatMap(({ urls }) => urls);
    });
  expect((await servers())[0]).toBe(SERVER.urls);
  await ana.run('setIceConfig', { iceServers: [{ ...SERVER, urls: 'turn:127.0.0.1:7?transport=udp' }], placement: 'replace' });
  await expect.poll(servers).toEqual(['turn:127.0.0.1:7?transport=udp']);
  expect(await ana.run('meetingState')).toBe('joined-meeting');
});

test('what goes to the server goes by the proxy that the application names', async () => {
  const { url } = await stage.rest.createRoom();
  let passed = 0;
  const proxy = createServer((incoming) => {
    passed += 1;
    const outgoing = connect(Number(new URL(stage.origin).port), '127.0.0.1');
    incoming.pipe(outgoing).pipe(incoming);
    for (const end of [incoming, outgoing]) end.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  try {
    const ana = await stage.caller(url, { startVideoOff: true });
    await ana.run('startCamera');
    await ana.run('setProxyUrl', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    const before = passed;
    await ana.join();
    expect(passed).toBeGreaterThan(before);
    await ana.run('leave');
  } finally {
    proxy.close();
  }
});
