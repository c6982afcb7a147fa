// The API over a real Unix socket: routes, bodies, bounds, and errors that every client understands.
import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Route, startApiServer } from '../../../src/api/api-server.ts';
import { OneupError } from '../../../src/base/oneup-error.ts';
import { createApiClient } from '../../../src/cli/api-client.ts';
import { SILENT } from '../../support/prober-world.ts';

const ROUTES: readonly Route[] = [
  { method: 'GET', path: '/v1/services/:service/why', handle: ({ params }) => ({ status: 200, body: params }) },
  { method: 'POST', path: '/v1/echo', handle: ({ body }) => ({ status: 200, body }) },
  {
    method: 'GET',
    path: '/v1/lost',
    handle: () => {
      throw new OneupError('ONEUP_STORE_LOST', 'Cannot read: gone');
    },
  },
  {
    method: 'GET',
    path: '/v1/fault',
    handle: () => {
      throw new TypeError('a fault');
    },
  },
];

async function openServer() {
  const directory = await mkdtemp(join(tmpdir(), 'oneup-api-'));
  const socketPath = join(directory, 'p1', 'api.sock');
  const server = await startApiServer({ socketPath, routes: ROUTES, logger: SILENT });
  return {
    socketPath,
    client: createApiClient([join(directory, 'nobody.sock'), socketPath]),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}

test('a client finds the prober that answers, and parameters are decoded', async () => {
  await using server = await openServer();
  assert.deepEqual(await server.client.get('/v1/services/a%2Fb/why'), { service: 'a/b' });
  assert.deepEqual(await server.client.post('/v1/echo', { x: [1] }), { x: [1] });
  assert.equal((await stat(server.socketPath)).mode & 0o777, 0o600, 'only the owner may ask');
});

test('errors keep code, message and remedy on their way to the client', async () => {
  await using server = await openServer();
  const lost = await server.client.get('/v1/lost').catch((error: unknown) => error);
  assert.ok(lost instanceof OneupError);
  assert.equal(lost.code, 'ONEUP_STORE_LOST');
  assert.match(lost.message, /gone/);
  const fault = await server.client.get('/v1/fault').catch((error: unknown) => error);
  assert.ok(fault instanceof OneupError);
  assert.equal(fault.code, 'ONEUP_INTERNAL');
  const nowhere = await server.client.get('/v1/nowhere').catch((error: unknown) => error);
  assert.ok(nowhere instanceof OneupError);
  assert.equal(nowhere.code, 'ONEUP_USAGE');
});

test('a body beyond the bound is refused', async () => {
  await using server = await openServer();
  await assert.rejects(
    server.client.post('/v1/echo', 'x'.repeat(1_200_000)),
    /longer than|socket hang up|Cannot reach/,
  );
  assert.deepEqual(await server.client.post('/v1/echo', 1), 1, 'the server goes on');
});

test('a socket that answers is a duplicate; one that a dead process left is replaced', async () => {
  await using server = await openServer();
  const again = startApiServer({ socketPath: server.socketPath, routes: ROUTES, logger: SILENT });
  await assert.rejects(again, (error: OneupError) => error.code === 'ONEUP_PROBER_DUPLICATE');
  const left = `${server.socketPath}.left`;
  await writeFile(left, '');
  await using _replaced = await startApiServer({ socketPath: left, routes: ROUTES, logger: SILENT });
});

test('no prober at all is an error that names every socket', async () => {
  const client = createApiClient(['/nonexistent/a.sock', '/nonexistent/b.sock']);
  await assert.rejects(client.get('/v1/status'), (error: OneupError) => {
    return error.code === 'ONEUP_PROBER_UNREACHABLE' && /a\.sock.*b\.sock/.test(error.message);
  });
});
