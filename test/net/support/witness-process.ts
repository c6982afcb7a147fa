// The witness: an exclusive token that an active instance holds by a connection, written down with the clock of the machine.
// It is also the target outside the cluster with which probers compare themselves (S22). Argument: its log.
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { bootMs } from './boot-clock.ts';
import { MAIN_ADDRESSES, REFERENCE_PORT, TOKEN_PORT } from './hosts.ts';

const [log = ''] = process.argv.slice(2);
const NAME_OCTETS_MAX = 200;

function note(...words: readonly (string | number)[]): void {
  appendFileSync(log, `${bootMs()} ${words.join(' ')}\n`);
}

/** The first line is `NODE EPOCH PID`; the connection lasts as long as the instance, or as the network lets it. */
createServer((socket) => {
  let holder: string | null = null;
  let text = '';
  socket.setEncoding('utf8').on('error', () => socket.destroy());
  socket.on('data', (chunk: string) => {
    if (holder !== null) return;
    text += chunk;
    if (text.length > NAME_OCTETS_MAX) socket.destroy();
    else if (text.includes('\n')) {
      holder = text.split('\n')[0] ?? '';
      note('take', holder);
    }
  });
  socket.on('close', () => {
    if (holder !== null) note('release', holder);
  });
}).listen(TOKEN_PORT, MAIN_ADDRESSES.witness);

createServer((socket) => {
  socket.on('error', () => socket.destroy());
  socket.end();
}).listen(REFERENCE_PORT, MAIN_ADDRESSES.witness);
