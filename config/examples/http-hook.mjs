// The reference hook of the `http` driver: hello, go, status and query as docs/drivers.md describes them, with its memory in one
// file. Usage: node http-hook.mjs CONFIG, where CONFIG is JSON: { "host", "port", "secret", "state": "/path/state.json",
// "commands": { "start": ["systemctl", "start", "web"], "stop": [...], "status": [...] }, "tls": { "cert", "key" } (PEM files) }.
import { spawn } from 'node:child_process';
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';

const config = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const BODY_MAX_BYTES = 64 * 1024;
const OUTPUT_MAX_BYTES = 4096;
const NONCES_MAX = 1000;
const GO_WITHIN_MS = 2000;

const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
/** Milliseconds of a clock that counts suspension. */
const bootMs = () => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
// A memory that cannot be read ends the hook here: it must never count as an empty one.
const memory = existsSync(config.state) ? JSON.parse(readFileSync(config.state, 'utf8')) : {};
const nonces = new Map();
const running = new Map();

/** On disk before anything acts: written beside, forced, renamed. */
function remember(key, record) {
  memory[key] = record;
  const file = openSync(`${config.state}.new`, 'w', 0o600);
  writeSync(file, JSON.stringify(memory));
  fsyncSync(file);
  closeSync(file);
  renameSync(`${config.state}.new`, config.state);
}

const keyOf = ({ context: { cluster, service, node } }) => `${cluster}/${service}/${node}`;
const positionOf = ({ context, part }) => [context.generation, context.epoch, context.step, part ?? 0];
const order = (a, b) => a.map((number, index) => number - b[index]).find((difference) => difference !== 0) ?? 0;

function hello(message) {
  const nonce = randomUUID();
  if (nonces.size >= NONCES_MAX) nonces.delete(nonces.keys().next().value);
  nonces.set(nonce, bootMs());
  return { nonce, bootId, position: memory[keyOf(message)]?.position ?? null };
}

async function go(message) {
  const askedMs = nonces.get(message.nonce);
  nonces.delete(message.nonce);
  if (askedMs === undefined || bootMs() - askedMs > GO_WITHIN_MS) {
    return { kind: 'killed', reason: 'go came later than 2 s after hello, or twice; nothing was done (S12)' };
  }
  const key = keyOf(message);
  const position = positionOf(message);
  const seen = memory[key];
  const compared = seen === undefined ? 1 : order(position, seen.position);
  if (message.action === 'off') return recordOff(key, seen, compared);
  if (compared < 0 || (compared === 0 && seen.action !== message.action)) {
    return { kind: 'refused', reason: `the hook has seen ${seen.action} at ${seen.position.join('.')} (S12)` };
  }
  if (compared === 0) return answerAgain(key, seen);
  if (message.action === 'adopt') {
    if (running.has(key)) return { kind: 'failed', reason: 'a script of an earlier step still runs' };
    const result = { kind: 'done', reason: 'Recorded as active; nothing was started (S11)' };
    remember(key, { position, action: 'adopt', bootId, instance: 'active', result });
    return result;
  }
  return act(key, position, message);
}

function recordOff(key, seen, compared) {
  if (compared !== 0 || seen.action !== 'fence')
    return { kind: 'refused', reason: 'this is not the highest step (S12)' };
  remember(key, { ...seen, bootId, instance: 'stopped' });
  return { kind: 'done', reason: 'Recorded as confirmed off (S18)' };
}

/** An equal step is answered from the record; one without a result and without a process did nobody knows what. */
async function answerAgain(key, seen) {
  const result = seen.result ?? (await running.get(key)?.done);
  if (result !== undefined) return { ...result, repeated: true };
  const unknown = { kind: 'killed', reason: 'the hook ended before the step did; what it did is not known' };
  remember(key, { ...seen, result: unknown });
  return { ...unknown, repeated: true };
}

async function act(key, position, message) {
  const { action } = message;
  const changes = ['start', 'stop', 'fence'].includes(action);
  const before = memory[key]?.bootId === bootId ? memory[key].instance : 'unknown';
  const claim = { position, action, bootId, instance: changes ? 'unknown' : before, result: null };
  remember(key, claim);
  const older = running.get(key);
  older?.end();
  await older?.done;
  // A higher step may have come while the older one ended.
  if (memory[key] !== claim) return { kind: 'killed', reason: 'a higher step took its place (S12)' };
  const child = run(message);
  running.set(key, child);
  const result = await child.done;
  if (running.get(key) === child) running.delete(key);
  if (memory[key] !== claim)
    return { ...result, kind: 'killed', reason: `${result.reason}; a higher step took its place` };
  const instance = { start: 'active', stop: 'stopped' }[result.kind === 'done' ? action : ''] ?? claim.instance;
  remember(key, { ...claim, instance, result });
  return result;
}

/** Runs the command of an action in a process group of its own, with its input closed and its output bounded. */
function run({ action, context, timeoutMs }, urlPath = context.urlPath) {
  const [file, ...args] = config.commands[action] ?? ['false'];
  const names = { OP_ID: context.opId, FROM: context.from ?? '', TO: context.to ?? '', ACTION: action };
  for (const name of ['cluster', 'service', 'node', 'generation', 'epoch', 'step'])
    names[name.toUpperCase()] = context[name];
  const env = { ...process.env, ONEUP_URL_PATH: urlPath };
  for (const [name, value] of Object.entries(names)) env[`ONEUP_${name}`] = String(value);
  const beganMs = performance.now();
  const child = spawn(file, args, { detached: true, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = Buffer.alloc(0);
  const keep = (chunk) => {
    output = Buffer.concat([output, chunk]).subarray(-OUTPUT_MAX_BYTES);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let ending = null;
  const kill = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It has ended.
    }
  };
  const end = (why) => {
    ending ??= why;
    kill('SIGKILL');
  };
  const timer = setTimeout(() => end('timeout'), timeoutMs);
  const done = new Promise((resolve) => {
    const finish = (exitCode, reason) => {
      clearTimeout(timer);
      const kind = ending ?? (exitCode === 0 ? 'done' : 'failed');
      const durationMs = Math.round(performance.now() - beganMs);
      // What is still in the pipe; a daemon that keeps it open is not waited for.
      setTimeout(() => resolve({ kind, reason, exitCode, output: output.toString(), durationMs }), 50);
    };
    child.once('error', (error) => finish(null, `${action} cannot be run: ${error.message}`));
    child.once('exit', (code, signal) => finish(code, `${action} ended with ${signal ?? `exit code ${code}`}`));
  });
  return { done, end: () => end('killed') };
}

function status(message) {
  const seen = memory[keyOf(message)];
  if (seen === undefined)
    return { role: 'unknown', isRunning: false, generation: 0, epoch: 0, step: 0, lastResult: null };
  const isRunning = seen.result === null && running.has(keyOf(message));
  const isStarting = isRunning && seen.action === 'start';
  const role = isStarting ? 'starting' : seen.bootId === bootId ? seen.instance : 'unknown';
  const [generation, epoch, step] = seen.position;
  return { role, isRunning, generation, epoch, step, lastResult: seen.result, reason: `the hook remembers ${role}` };
}

async function query(message) {
  const { exitCode, output, durationMs, reason } = await run(message).done;
  const word = output.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return { word, exitCode, output, durationMs, reason };
}

const CALLS = { hello, go, status, query };
const sign = (text) => createHmac('sha256', config.secret).update(text).digest('hex');

function isSigned(request, body) {
  const given = Buffer.from(String(request.headers['oneup-signature'] ?? ''));
  const expected = Buffer.from(sign(`POST\n${request.url}\n${request.headers['oneup-nonce']}\n${body}`));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

async function serve(request, response) {
  const chunks = [];
  let octets = 0;
  for await (const chunk of request) {
    octets += chunk.length;
    if (octets > BODY_MAX_BYTES) return response.writeHead(413).end();
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks).toString();
  const call = CALLS[/\/(hello|go|status|query)$/.exec(request.url)?.[1]];
  if (request.method !== 'POST' || call === undefined) return response.writeHead(404).end();
  if (!isSigned(request, body)) return response.writeHead(401).end();
  const message = JSON.parse(body);
  message.context.urlPath = request.url.replace(/\/\w+$/, '');
  const answer = JSON.stringify(await call(message));
  const signature = sign(`answer\n200\n${request.headers['oneup-nonce']}\n${answer}`);
  response.writeHead(200, { 'content-type': 'application/json', 'oneup-signature': signature }).end(answer);
}

const handle = (request, response) =>
  serve(request, response).catch(() => (response.headersSent ? response.destroy() : response.writeHead(400).end()));
const tls = config.tls && { cert: readFileSync(config.tls.cert), key: readFileSync(config.tls.key) };
const server = tls ? createHttps(tls, handle) : createHttp(handle);
server.listen(config.port, config.host, () => console.log(`listening on port ${server.address().port}`));
