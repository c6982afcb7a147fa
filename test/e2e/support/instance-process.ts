// One running instance of the service: answers HTTP on the address of its node, and holds the token that only one can hold.
// An instance that finds the token taken has caught two active nodes; it leaves a line in overlaps.log and ends.
import { appendFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { HTTP_PORT, TOKEN_PORT } from './cluster-files.ts';

const [address = '', token = '', node = ''] = process.argv.slice(2);

const holder = createServer((socket) => socket.destroy());
holder.once('error', (error) => {
  appendFileSync('overlaps.log', `${node} found the token taken: ${error.message}\n`);
  process.exit(1);
});
holder.listen(TOKEN_PORT, token, () => {
  createHttpServer((_, response) => response.end(node)).listen(HTTP_PORT, address);
});
