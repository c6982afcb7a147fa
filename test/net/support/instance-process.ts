// One instance of the service: answers checks on the address of its node and holds the token of the witness, again after every
// cut of the network. It asks nobody whether it may run: that is what is tested. Arguments: address, node, epoch.
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { HTTP_PORT, MAIN_ADDRESSES, TOKEN_PORT } from './hosts.ts';

const AGAIN_MS = 300;
const SILENT_MS = 2_000;
const [address = '', node = '', epoch = ''] = process.argv.slice(2);

function hold(): void {
  const socket = connect(TOKEN_PORT, MAIN_ADDRESSES.witness);
  const timer = setTimeout(() => socket.destroy(), SILENT_MS);
  socket.resume();
  socket.on('connect', () => {
    clearTimeout(timer);
    socket.setKeepAlive(true, AGAIN_MS);
    socket.write(`${node} ${epoch} ${process.pid}\n`);
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => setTimeout(hold, AGAIN_MS));
}

createServer((_, response) => response.end(node)).listen(HTTP_PORT, address, hold);
