// Fault points: the boundaries of the journal at which a controller can be killed or stopped. The phase is read off its own
// commits and the kind of effect off the port that is called, so every boundary of the machine's table can be named.
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppDeps } from '../../../src/cli/app-deps.ts';
import type { ControllerPorts } from '../../../src/controller/controller-deps.ts';
import type { JournalEntry } from '../../../src/failover/machine-effect.ts';
import type { Phase } from '../../../src/failover/operation.ts';
import { PHASES } from '../../../src/failover/phase-table.ts';
import type { CommitRequest, Store } from '../../../src/ports/store.ts';

export type Boundary =
  /** Around the effect of a phase: before it is begun, or after it was done and before its RESULT is committed. */
  | { readonly kind: 'effect'; readonly phase: Phase; readonly when: 'before' | 'after' }
  /** Right after the commit in which a phase ended, before anything that the commit asked for is done. */
  | { readonly kind: 'phaseEnd'; readonly phase: Phase }
  /** Right after the commit number `count`, from 1, that an operation made since the fault was set. */
  | { readonly kind: 'commit'; readonly count: number };

export type FaultPoint = { readonly id: string; readonly at: Boundary; readonly signal: 'SIGKILL' | 'SIGSTOP' };

const FILE = 'fault.json';
/** The rest of the name of a fault that has sprung is the process that it hit. */
const SPRUNG = 'fault-sprung-';

/** Only one process is hit, once. */
export function setFault(directory: string, fault: FaultPoint): void {
  for (const name of sprungIn(directory)) rmSync(join(directory, name));
  writeFileSync(join(directory, FILE), JSON.stringify(fault));
}

/** Id of the process that the last fault hit; null as long as it hit none. */
export function hitBy(directory: string): number | null {
  const [name] = sprungIn(directory);
  return name === undefined ? null : Number(name.slice(SPRUNG.length));
}

/** After this the last fault hits nobody any more who has not been hit: only then does null say that it missed. */
export function withdrawFault(directory: string): number | null {
  rmSync(join(directory, FILE), { force: true });
  return hitBy(directory);
}

function sprungIn(directory: string): readonly string[] {
  return readdirSync(directory).filter((name) => name.startsWith(SPRUNG));
}

type Slot = 'op' | 'tail';
type EffectKind = 'intent' | 'question' | 'dns';
type Seen = { op: Phase | null; tail: Phase | null; faultId: string; commits: number };

export function createFaultPoints(directory: string): Required<Pick<AppDeps, 'wrapPorts' | 'wrapStore'>> {
  const seen: Seen = { op: null, tail: null, faultId: '', commits: 0 };
  const strike = (isHere: (at: Boundary) => boolean) => {
    const fault = readFault(directory);
    if (fault === null || !isHere(fault.at) || !take(directory)) return;
    process.kill(process.pid, fault.signal);
  };
  const around: Around = (kind, slot) => async (effect) => {
    strike((at) => at.kind === 'effect' && at.when === 'before' && at.phase === phaseOf(kind, slot));
    const result = await effect();
    strike((at) => at.kind === 'effect' && at.when === 'after' && at.phase === phaseOf(kind, slot));
    return result;
  };
  // The phase that the service is in, if effects of this kind belong to it.
  const phaseOf = (effect: EffectKind, slot: Slot): Phase | null => {
    const phase = seen[slot];
    if (phase === null || phase === 'DONE') return null;
    return PHASES[phase].effect === effect && PHASES[phase].slot === slot ? phase : null;
  };
  return {
    wrapPorts: (ports) => wrapPorts(ports, around),
    wrapStore: (store) => wrapStore(store, (request) => afterCommit(request, { directory, seen, strike })),
  };
}

function readFault(directory: string): FaultPoint | null {
  try {
    return JSON.parse(readFileSync(join(directory, FILE), 'utf8')) as FaultPoint;
  } catch {
    return null;
  }
}

/** False when another process was faster. */
function take(directory: string): boolean {
  try {
    renameSync(join(directory, FILE), join(directory, `${SPRUNG}${process.pid}`));
    return true;
  } catch {
    return false;
  }
}

type Around = (kind: EffectKind, slot: Slot) => <T>(effect: () => Promise<T>) => Promise<T>;

function wrapPorts(ports: ControllerPorts, around: Around): ControllerPorts {
  const intent = around('intent', 'op');
  const question = around('question', 'op');
  return {
    ...ports,
    driver: (service, node, tenure) => {
      const driver = ports.driver(service, node, tenure);
      return {
        ...driver,
        act: (action, context, options) => intent(() => driver.act(action, context, options)),
        adopt: (context, options) => intent(() => driver.adopt(context, options)),
        fence: (context, options) => intent(() => driver.fence(context, options)),
        precheck: (context, options) => question(() => driver.precheck(context, options)),
        status: (context, options) => question(() => driver.status(context, options)),
      };
    },
    provider: (name) => {
      const provider = ports.provider(name);
      return {
        ...provider,
        apply: (zone, changes, options) => around('dns', 'tail')(() => provider.apply(zone, changes, options)),
      };
    },
    askNameServer: (asked, options) => around('question', 'tail')(() => ports.askNameServer(asked, options)),
  };
}

function wrapStore(store: Store, committed: (request: CommitRequest) => void): Store {
  return {
    kind: store.kind,
    get: (key) => store.get(key),
    list: (prefix) => store.list(prefix),
    outcomeOf: (token) => store.outcomeOf(token),
    watch: (prefix, options) => store.watch(prefix, options),
    openSession: (options) => store.openSession(options),
    health: () => store.health(),
    commit: async (request) => {
      const result = await store.commit(request);
      if (result.kind === 'committed') committed(request);
      return result;
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

type CommitTools = {
  readonly directory: string;
  readonly seen: Seen;
  readonly strike: (isHere: (at: Boundary) => boolean) => void;
};

/** Follows the operation through this process's own commits. */
function afterCommit(request: CommitRequest, { directory, seen, strike }: CommitTools): void {
  const ended: JournalEntry[] = [];
  let isOperation = false;
  for (const write of request.writes) {
    const [, , , kind = ''] = write.key.split('/');
    if (kind !== 'op' && kind !== 'tail' && kind !== 'journal') continue;
    isOperation = true;
    if (kind === 'journal' && write.kind === 'put') ended.push(JSON.parse(write.value) as JournalEntry);
    else if (kind !== 'journal') {
      seen[kind === 'op' ? 'op' : 'tail'] =
        write.kind === 'put' ? (JSON.parse(write.value) as { phase: Phase }).phase : null;
    }
  }
  if (!isOperation) return;
  const fault = readFault(directory);
  if (fault === null) return;
  if (seen.faultId !== fault.id) Object.assign(seen, { faultId: fault.id, commits: 0 });
  seen.commits += 1;
  strike(
    (at) =>
      (at.kind === 'commit' && at.count === seen.commits) ||
      (at.kind === 'phaseEnd' &&
        ended.some((entry) => entry.phase === at.phase && entry.text.startsWith(`${at.phase} ended`))),
  );
}
