// Sends one word to the fence device and prints its answer; the exit code says whether there was one. Arguments: off|on|state NODE.
import { connect } from 'node:net';
import { FENCE_ADDRESSES, POWER_PORT } from './hosts.ts';

const ANSWER_MS = 3_000;
const [word = '', node = ''] = process.argv.slice(2);

const socket = connect(POWER_PORT, FENCE_ADDRESSES.power);
let said = '';
function fail(reason: string): void {
  process.stderr.write(`Cannot ask the fence device: ${reason}\n`);
  process.exitCode = 1;
  socket.destroy();
}
socket.setTimeout(ANSWER_MS, () => fail('no answer in time'));
socket.on('error', (error) => fail(error.message));
socket.on('connect', () => socket.write(`${word} ${node} ${process.env.ONEUP_OP_ID ?? 'none'}\n`));
socket.setEncoding('utf8').on('data', (chunk: string) => {
  said += chunk;
});
socket.on('end', () => process.stdout.write(`${said}\n`));
