// The rules of tidiness as data: what may not be called, written or named, where it is allowed, and why.

/** A call or construct that is looked for in code, outside comments and strings. */
export type BannedCode = {
  readonly name: string;
  readonly pattern: RegExp;
  readonly rule: string;
  /** Files and folders (with trailing slash) that need it, each for the reason beside it. */
  readonly allowedIn: readonly string[];
};

/** The entry reads arguments and environment; load.ts and load-agent.ts are the doors of the configuration; src/clock is the real clock. */
const ENTRY = ['src/main.ts'];
const CLOCK = ['src/main.ts', 'src/clock/'];
/** Runner, keeper and run-if-active are processes of their own: each has an entry that wires its clock and reads its environment. */
const PROCESS_ENTRIES = [
  'src/nodes/exec/runner-process.ts',
  'src/keeper/keeper-process.ts',
  'src/job/run-if-active-process.ts',
];

export const BANNED_CALLS: readonly BannedCode[] = [
  clockCall('Date.now', /\bDate\s*\.\s*now\b/g),
  clockCall('performance.now', /\bperformance\s*\.\s*now\b/g),
  clockCall('new Date()', /\bnew Date\s*(?:\(\s*\)|(?![\s(]))/g),
  clockCall('process.hrtime', /\bprocess\s*\.\s*(?:hrtime|uptime)\b/g),
  clockCall('setTimeout', /(?<![.\w])(?:globalThis\s*\.\s*)?setTimeout\s*\(/g),
  clockCall('setInterval', /(?<![.\w])(?:globalThis\s*\.\s*)?setInterval\s*\(/g),
  clockCall('AbortSignal.timeout', /\bAbortSignal\s*\.\s*timeout\b/g),
  {
    name: 'Math.random',
    pattern: /\bMath\s*\.\s*random\b/g,
    rule: 'Take chance as a parameter, and ids from randomUUID of node:crypto, instead of Math.random.',
    allowedIn: ENTRY,
  },
  {
    name: 'process.env',
    pattern: /\bprocess\s*\.\s*env\b/g,
    rule: 'Only the entry and the doors of src/config read process.env; pass the value in.',
    allowedIn: [...ENTRY, 'src/config/load.ts', 'src/config/load-agent.ts', ...PROCESS_ENTRIES],
  },
  {
    name: 'process.exit',
    pattern: /\bprocess\s*\.\s*exit\b(?!Code)/g,
    rule: 'Only the entry ends the process; return or throw instead of process.exit.',
    allowedIn: [...ENTRY, ...PROCESS_ENTRIES],
  },
];

export const BANNED_SYNTAX: readonly BannedCode[] = [
  syntax('enum', /(?:^|\n)\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?enum\s+\w/g, 'Use a union of strings.'),
  syntax('export default', /\bexport\s+default\b/g, 'Export by name.'),
  syntax('export *', /\bexport\s*\*/g, 'List re-exports by name.'),
  syntax('namespace', /(?:^|\n)\s*(?:export\s+)?(?:declare\s+)?namespace\s+\w/g, 'Use a module.'),
];

/** Looked for in the product only: in tests a one-line arrow often reads better. */
export const BANNED_IN_PRODUCT: readonly BannedCode[] = [
  syntax(
    'top-level arrow',
    /(?:^|\n)(?:export )?const \w+ = (?:async )?(?:\([^()]*\)|\w+)(?::[^=\n]+)? =>/g,
    'Declare a named function.',
  ),
];

export const BANNED_IN_TESTS: readonly BannedCode[] = [
  syntax('only', /\.only\s*\(|\bonly\s*:\s*true\b/g, 'Run the whole suite: remove only.'),
  syntax(
    'skip',
    /\b(?:test|it|describe|suite)\s*\.\s*(?:skip|todo)\s*\(|\b(?:skip|todo)\s*:\s*true\b/g,
    'No skipped tests.',
  ),
  syntax('bare skip', /\.(?:skip|todo)\s*\(\s*\)/g, 'A test that cannot run here says why: t.skip(reason).'),
];

/** Longest fixed sleep of a test; longer ones make the suite slow and prove nothing that a fake clock cannot. */
export const TEST_SLEEP_MAX_MS = 1_000;
export const FIXED_SLEEP = /\bawait\s+(?:setTimeout|sleep|delay)\s*\(\s*([\d_]+)/g;

/** Words that mean "unfinished", looked for in comments. Written in parts so that this file does not contain them. */
export const UNFINISHED = new RegExp(
  `\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\\b`,
  'g',
);

/** Paths of one machine. Written in parts for the same reason. */
export const MACHINE_PATH = new RegExp(
  `(?<![\\w.~-])/(?:${['wo' + 'rk', 'ro' + 'ot', 'ho' + 'me', 'Us' + 'ers', 't' + 'mp'].join('|')})/`,
  'g',
);

/** Comment directives that silence the compiler without saying why. */
export const SILENCER = /@ts-(?:ignore|nocheck)\b|@ts-expect-error\s*(?:\n|\*\/|$)/g;

/** Names that say nothing about what is inside. */
export const EMPTY_NAMES: ReadonlySet<string> = new Set([
  'utils',
  'util',
  'helpers',
  'helper',
  'common',
  'misc',
  'shared',
]);

/** Where process groups are handled, the first process of one bears its Unix name. */
const PROCESS_GROUPS = /^src\/nodes\//;

/** Words that have a better one here (docs/glossary.md), looked for in comments and documents. */
export const WORDS: readonly { readonly word: RegExp; readonly instead: string; readonly except: RegExp | null }[] = [
  { word: /\bmasters?\b/gi, instead: 'active, primary (DNS) or controller', except: null },
  { word: /\bslaves?\b/gi, instead: 'standby or secondary (DNS)', except: null },
  { word: /\bleaders?(?:hip)?\b/gi, instead: 'controller or term', except: PROCESS_GROUPS },
  { word: /\bheartbeats?\b/gi, instead: 'renewal or beat', except: null },
  { word: /\bblacklist(?:s|ed)?\b/gi, instead: 'refused list', except: null },
  { word: /\bwhitelist(?:s|ed)?\b/gi, instead: 'allowed list', except: null },
  { word: /\bsplit[- ]brains?\b/gi, instead: 'two active nodes', except: null },
  { word: /\bhealth ?checkers?\b/gi, instead: 'prober', except: null },
  { word: /\butili[sz]es?\b/gi, instead: 'use', except: null },
  { word: /\bfor now\b/gi, instead: 'a decision with its reason', except: null },
  { word: /\bnot (?:yet )?implemented\b/gi, instead: 'what happens instead', except: null },
];

function clockCall(name: string, pattern: RegExp): BannedCode {
  return { name, pattern, rule: `Take a Clock or an AbortSignal as parameter instead of ${name}.`, allowedIn: CLOCK };
}

function syntax(name: string, pattern: RegExp, rule: string): BannedCode {
  return { name, pattern, rule, allowedIn: [] };
}
