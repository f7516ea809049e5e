import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { serverStop } from './process';

describe('the end of a server', () => {
  test('waits for the request under way, and not for a connection that never asked anything', async () => {
    let answer = (): void => undefined;
    const server = createServer((_request, response) => void (answer = () => response.end('done')));
    const stop = serverStop(server);
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ahead = connect(port, '127.0.0.1');
    await new Promise((resolve) => ahead.once('connect', resolve));
    const asked = fetch(`http://127.0.0.1:${port}/`).then((response) => response.text());
    await new Promise((resolve) => server.once('request', resolve));

    const stopped = stop();
    await new Promise((resolve) => ahead.once('close', resolve));
    answer();
    expect(await asked).toBe('done');
    await stopped;
  });

  test('ends what is still at work after the grace period', async () => {
    const server = createServer(() => undefined);
    const stop = serverStop(server, 50);
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const asked = fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`).catch(() => 'ended');
    await new Promise((resolve) => server.once('request', resolve));
    await stop();
    expect(await asked).toBe('ended');
  });
});
