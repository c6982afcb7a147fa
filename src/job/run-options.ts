// The command line of run-if-active. Everything after `--` is the command and is passed on as it is.
import { parseArgs } from 'node:util';
import { parseDuration } from '../base/duration.ts';
import { OneupError } from '../base/oneup-error.ts';

export type RunOptions = {
  readonly service: string;
  readonly argv: readonly string[];
  readonly statePath: string;
  /** null: twice the time between renewals. */
  readonly maxAgeMs: number | null;
  readonly killsOnLoss: boolean;
  readonly elseExit: number;
  readonly needsKeeper: boolean;
  readonly isQuiet: boolean;
  /** Also while the service is being started here, for the guard of its own unit. */
  readonly allowsStarting: boolean;
  /** null: the command may take as long as it likes. */
  readonly timeoutMs: number | null;
  /** Where to write how it ended; null: nowhere. */
  readonly resultPath: string | null;
};

/** As they are written. */
export type RawOptions = {
  readonly state?: string | undefined;
  readonly 'max-state-age'?: string | undefined;
  readonly 'kill-on-loss'?: boolean | undefined;
  readonly 'else-exit'?: string | undefined;
  readonly 'no-keeper'?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly starting?: boolean | undefined;
  readonly timeout?: string | undefined;
  readonly result?: string | undefined;
};

export const DEFAULT_STATE_PATH = '/var/lib/oneup-agent/state.json';
/** Of the table of exit codes: not the active node. */
export const NOT_ACTIVE = 10;
/** As of timeout(1). */
export const TIMED_OUT = 124;

/** Timers of Node fire at once beyond 24 days. */
const TIMEOUT_MAX_MS = 14 * 86_400_000;

export const USAGE = `Usage: oneup run-if-active [options] SERVICE -- COMMAND [ARGUMENT...]

  --state FILE              what the agent wrote [${DEFAULT_STATE_PATH}]
  --max-state-age DURATION  refuse when the last renewal is older [twice the time between renewals]
  --kill-on-loss            end the command when the node stops being active, before the lease ends
  --else-exit N             exit code when the command is not run [${NOT_ACTIVE}]
  --no-keeper               run it although no keeper ends it with the service
  --quiet                   do not say why it is not run
  --starting                also while the service is being started here: for the guard of its own unit
  --timeout DURATION        SIGTERM after this long, SIGKILL 5 s later; the exit code is then ${TIMED_OUT}
  --result FILE             write how it ended into this file, as JSON
`;

const OPTIONS = {
  state: { type: 'string' },
  'max-state-age': { type: 'string' },
  'kill-on-loss': { type: 'boolean' },
  'else-exit': { type: 'string' },
  'no-keeper': { type: 'boolean' },
  quiet: { type: 'boolean' },
  starting: { type: 'boolean' },
  timeout: { type: 'string' },
  result: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** null: help was asked for. Throws ONEUP_USAGE. */
export function parseRunOptions(args: readonly string[]): RunOptions | null {
  const end = args.indexOf('--');
  // What follows is not looked at.
  const [own, argv] = end === -1 ? [args, []] : [args.slice(0, end), args.slice(end + 1)];
  const { values, positionals } = parseOwn(own);
  if (values.help === true) return null;
  const [service, ...others] = positionals;
  if (service === undefined || others.length > 0)
    throw usage('it takes one service and, after --, a command', own.join(' '));
  return readRunOptions(service, argv, values);
}

export function readRunOptions(service: string, argv: readonly string[], raw: RawOptions): RunOptions {
  if (argv.length === 0 || argv[0] === '') throw usage('a command follows after --', 'none');
  const elseExit = raw['else-exit'] ?? String(NOT_ACTIVE);
  if (!/^\d{1,3}$/.test(elseExit) || Number(elseExit) > 255) throw usage('--else-exit is 0 to 255', elseExit);
  return {
    service,
    argv,
    statePath: raw.state ?? DEFAULT_STATE_PATH,
    maxAgeMs: raw['max-state-age'] === undefined ? null : readDuration('--max-state-age', raw['max-state-age']),
    killsOnLoss: raw['kill-on-loss'] === true,
    elseExit: Number(elseExit),
    needsKeeper: raw['no-keeper'] !== true,
    isQuiet: raw.quiet === true,
    allowsStarting: raw.starting === true,
    timeoutMs: raw.timeout === undefined ? null : readTimeout(raw.timeout),
    resultPath: raw.result ?? null,
  };
}

function parseOwn(args: readonly string[]): {
  readonly values: RawOptions & { help?: boolean };
  positionals: string[];
} {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : 'an option is unknown', args.join(' '));
  }
}

function readTimeout(text: string): number {
  const timeoutMs = readDuration('--timeout', text);
  if (timeoutMs === 0 || timeoutMs > TIMEOUT_MAX_MS) throw usage('--timeout is more than 0 and at most 14d', text);
  return timeoutMs;
}

function readDuration(option: string, text: string): number {
  const duration = parseDuration(text);
  if (!duration.ok) throw usage(`${option}: ${duration.error}`, text);
  return duration.value;
}

function usage(reason: string, value: string): OneupError {
  return new OneupError('ONEUP_USAGE', `Cannot run the command: ${reason}, value was ${value}`);
}
