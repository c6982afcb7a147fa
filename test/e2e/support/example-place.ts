// Runs an example of config/examples as a reader meets it: the one command of its README, then the other commands of the page,
// with real processes. Only the addresses and the folder are the test's own.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fencedBlocks } from '../../support/docs/markdown-blocks.ts';
import { pickNetwork } from './cluster-files.ts';
import { endProcessesIn } from './end-processes.ts';
import { MAIN } from './run-oneup.ts';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
const PATIENCE_MS = 120_000;

export class ExamplePlace implements AsyncDisposable {
  readonly folder: string;
  readonly net: string;
  /** The blocks of the page that are marked as its story, in their order. */
  readonly story: readonly string[];
  readonly #name: string;
  readonly #first: string;
  readonly #env: NodeJS.ProcessEnv;

  /** `name`: the folder of the example. */
  constructor(name: string) {
    const blocks = fencedBlocks(readFileSync(join(REPOSITORY, `config/examples/${name}/README.md`), 'utf8'));
    this.#name = name;
    this.story = blocks.filter(({ marks }) => marks.includes('story')).map(({ text }) => text);
    const [first] = blocks.filter(({ language, marks }) => language === 'sh' && marks.length === 0);
    assert.ok(first !== undefined && first.text.trim().split('\n').length === 1, 'one command starts the example');
    this.#first = first.text;
    const root = realpathSync(mkdtempSync(join(tmpdir(), `oneup-${name}-`)));
    this.folder = join(root, 'work');
    mkdirSync(this.folder);
    writeFileSync(join(root, 'oneup'), `#!/bin/sh\nexec ${process.execPath} ${MAIN} "$@"\n`);
    chmodSync(join(root, 'oneup'), 0o755);
    this.net = pickNetwork().token.split('.').slice(0, 3).join('.');
    const PATH = [root, dirname(process.execPath), process.env.PATH].join(delimiter);
    this.#env = { ...process.env, PATH, ONEUP_EXAMPLE_DIR: this.folder, ONEUP_EXAMPLE_NET: this.net };
  }

  /** The one command of the page, which goes on until it is ended. */
  start(): { readonly output: () => string; readonly end: () => Promise<number | null> } {
    const child = spawn('/bin/sh', ['-c', `exec ${this.#first}`], {
      cwd: REPOSITORY,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = collect(child);
    const end = async () => {
      child.kill('SIGTERM');
      return child.exitCode ?? ((await once(child, 'exit')) as [number | null])[0];
    };
    return { output, end };
  }

  /** What commands of the page print, on both streams; they must all succeed. */
  async run(commands: string): Promise<string> {
    const text = commands.replaceAll('127.0.0.', `${this.net}.`).replace(`cd var/${this.#name}`, `cd ${this.folder}`);
    const log = join(dirname(this.folder), 'commands.log');
    writeFileSync(log, '');
    // Into a file: what goes on behind the commands would hold a pipe open.
    const child = spawn('bash', ['-euc', `set -o pipefail\nexec >> ${log} 2>&1\n${text}`], {
      cwd: this.folder,
      env: this.#env,
      stdio: 'ignore',
      timeout: PATIENCE_MS,
    });
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    const output = readFileSync(log, 'utf8');
    assert.equal(code, 0, `${text} ended with ${code ?? signal}: ${output}`);
    return output;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await endProcessesIn(this.folder);
    rmSync(dirname(this.folder), { recursive: true, force: true });
  }
}

function collect(child: ChildProcess): () => string {
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return () => output;
}
