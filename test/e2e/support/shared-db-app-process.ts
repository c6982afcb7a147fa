// A small web application of a test: writes to the shared database all the time under the account of its node, and says on
// /health whether it can. What the database refuses goes to app-<node>.log; SIGTERM ends it.
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type Connection, createConnection } from 'mysql2/promise';
import { HTTP_PORT } from './cluster-files.ts';

const [address = '', node = '', port = ''] = process.argv.slice(2);
const login = { host: '127.0.0.1', port: Number(port), user: `web_${node}`, password: process.env.APP_PASSWORD ?? '' };
const state: { connection: Connection | null; canWrite: boolean } = { connection: null, canWrite: false };

async function write(): Promise<void> {
  try {
    state.connection ??= await open();
    await state.connection.query('insert into writes (node) values (?)', [node]);
    state.canWrite = true;
  } catch (error) {
    state.canWrite = false;
    state.connection?.destroy();
    state.connection = null;
    appendFileSync(`app-${node}.log`, `refused: ${error instanceof Error ? error.message : error}\n`);
  }
  setTimeout(write, 50);
}

async function open(): Promise<Connection> {
  const connection = await createConnection({ ...login, database: 'web', connectTimeout: 3_000 });
  // A connection that is ended says so to the next write as well.
  connection.on('error', () => {});
  return connection;
}

createServer((_, response) => {
  response.statusCode = state.canWrite ? 200 : 503;
  response.end(node);
}).listen(HTTP_PORT, address, write);
