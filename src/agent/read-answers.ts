// Reads what a prober answered. Whatever is not exactly what an agent can act on is refused as a whole: half an order is none.
import type {
  AgentAction,
  AgentGoal,
  AgentGoals,
  AgentOrder,
  ClaimAnswer,
  RenewalAnswer,
} from '../ports/agent-link.ts';

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

/** null for anything else. */
export function readGoals(value: unknown): AgentGoals | null {
  return hasShape(value, GOALS) ? (value as AgentGoals) : null;
}

/** null for anything else. */
export function readRenewal(value: unknown): RenewalAnswer | null {
  const shape = isMap(value) && isText(value.kind) ? RENEWALS.get(value.kind) : undefined;
  return shape !== undefined && hasShape(value, shape) ? (value as RenewalAnswer) : null;
}

/** null for anything else. */
export function readClaim(value: unknown): ClaimAnswer | null {
  const shape = isMap(value) && isText(value.kind) ? WORDS.get(value.kind) : undefined;
  return shape !== undefined && hasShape(value, shape) ? (value as ClaimAnswer) : readRenewal(value);
}

/** The error that a prober answered with; texts are cut, because they end in logs. */
export function readProblem(value: unknown): {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
} {
  const error = isMap(value) && isMap(value.error) ? value.error : {};
  const { code, message, remedy } = error;
  return {
    code: isText(code) ? cut(code) : 'ONEUP_INTERNAL',
    message: isText(message) ? cut(message) : 'it says no reason',
    ...(isText(remedy) ? { remedy: cut(remedy) } : {}),
  };
}

const SHOWN_MAX = 500;
const GOALS_MAX = 4_096;
const PEERS_MAX = 64;

const ACTION_NAMES: readonly string[] = ['sync', 'resync', 'drain', 'undrain', 'stop', 'start', 'status', 'precheck'];
const ORDERS: readonly string[] = ['sync', 'resync', 'drain', 'undrain', 'stop', 'start', 'adopt'];

const CONTEXT: Readonly<Record<keyof AgentOrder['context'], Check>> = {
  cluster: isText,
  service: isText,
  node: isText,
  generation: isCount,
  epoch: isCount,
  step: isCount,
  opId: isText,
  from: (value) => value === null || isText(value),
  to: (value) => value === null || isText(value),
};

const ORDER: Readonly<Record<keyof AgentOrder, Check>> = {
  action: (value) => isText(value) && ORDERS.includes(value),
  context: (value) => hasShape(value, CONTEXT),
  timeoutMs: isCount,
  env: isTexts,
};

const LEASE: Readonly<Record<keyof AgentGoal['lease'], Check>> = {
  periodMs: isCount,
  stopTimeoutMs: isCount,
  marginMs: isCount,
};

const GOAL: Readonly<Record<keyof AgentGoal, Check>> = {
  service: isText,
  node: isText,
  generation: isCount,
  grant: (value) => value === null || hasShape(value, { epoch: isCount, revoked: isBoolean }),
  order: (value) => value === null || hasShape(value, ORDER),
  lease: (value) => hasShape(value, LEASE),
  onStoreLoss: (value) => value === 'stayIfPeersAgree' || value === 'selfFence' || value === 'stay',
  actions: (value) =>
    isMap(value) && Object.entries(value).every(([name, action]) => ACTION_NAMES.includes(name) && isAction(action)),
};

const GOALS: Readonly<Record<keyof AgentGoals, Check>> = {
  cluster: isText,
  generation: (value) => hasShape(value, { number: isCount, id: isText }),
  revision: isCount,
  goals: (value) => Array.isArray(value) && value.length <= GOALS_MAX && value.every((goal) => hasShape(goal, GOAL)),
};

const RENEWALS: ReadonlyMap<string, Readonly<Record<string, Check>>> = new Map([
  ['renewed', { version: isCount, peers: isPeers }],
  ['regranted', {}],
  ['over', { reason: isText }],
  ['behind', { version: isCount }],
]);

const WORDS: ReadonlyMap<string, Readonly<Record<string, Check>>> = new Map([
  ['agreed', { peer: isText }],
  ['refused', { peer: isText, reason: isText }],
]);

const COMMAND: Readonly<Record<keyof Extract<AgentAction, { kind: 'run' }>, Check>> = {
  kind: (value) => value === 'command' || value === 'run',
  argv: (value) => Array.isArray(value) && value.length > 0 && value.every(isText),
  env: isTexts,
  cwd: (value) => value === null || isText(value),
};

function isAction(value: unknown): boolean {
  if (isMap(value) && value.kind === 'unit') return isText(value.unit);
  return hasShape(value, COMMAND);
}

/** Keys that a later release adds are let through; a key that is missing is not. */
function hasShape(value: unknown, shape: Readonly<Record<string, Check>>): boolean {
  return isMap(value) && Object.entries(shape).every(([key, check]) => check(value[key]));
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isPeers(value: unknown): boolean {
  return Array.isArray(value) && value.length <= PEERS_MAX && value.every(isText);
}

function isTexts(value: unknown): boolean {
  return isMap(value) && Object.values(value).every(isText);
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function cut(text: string): string {
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}...` : text;
}
