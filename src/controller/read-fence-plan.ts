// What firing the fence of a node would run, level by level, and whether the controller would refuse: the dry run of a fence test.
import { redact } from '../base/secret.ts';
import type { ActionConfig, Config, FenceLevelConfig, NodeConfig, ServiceConfig } from '../config/config.ts';
import { mayTestFence } from '../failover/fence-test.ts';
import type { Refusal } from '../failover/refusal.ts';
import type { MachineState } from '../failover/service-state.ts';
import { ActiveHosts, servedAddresses } from './active-hosts.ts';
import { type ReadDeps, readMachine, readWhatIsReadable } from './read-model.ts';

export type PlannedLevel = {
  /** Counted from 1. */
  readonly level: number;
  readonly driver: string;
  /** What would be run or called; secrets are masked. */
  readonly fires: string;
  readonly timeoutMs: number;
  /** null: the exit code of what is fired is the proof. */
  readonly confirm: { readonly driver: string; readonly asks: string; readonly offStates: readonly string[] } | null;
};

export type FencePlan = {
  readonly service: string;
  readonly node: string;
  readonly levels: readonly PlannedLevel[];
  /** Why the controller would refuse to fire now; null when it would not. */
  readonly refusal: Refusal | null;
};

type Wanted = { readonly node: NodeConfig; readonly levels: readonly number[]; readonly onlyLevel: number | null };

export function readFencePlan(deps: ReadDeps, service: ServiceConfig, { node, levels, onlyLevel }: Wanted): FencePlan {
  const state = withOthers(deps, service, readMachine(deps, service));
  const reply = mayTestFence(state, { node: node.id, level: onlyLevel === null ? null : onlyLevel - 1 });
  const planned = levels.flatMap((level) => {
    const config = node.actions.fence[level - 1];
    return config === undefined ? [] : [describeLevel(deps.config, config, level)];
  });
  return {
    service: service.id,
    node: node.id,
    levels: planned,
    refusal: reply?.kind === 'refused' ? reply.refusal : null,
  };
}

/** The other services on the machines of this one, as the controller sees them (S36). */
function withOthers(deps: ReadDeps, service: ServiceConfig, state: MachineState): MachineState {
  const hosts = new ActiveHosts();
  for (const other of deps.config.services)
    hosts.noteServed(other.id, servedAddresses(other, readWhatIsReadable(deps, other).state));
  return { ...state, local: { ...state.local, view: { ...state.local.view, hostServes: hosts.othersAt(service) } } };
}

function describeLevel(config: Config, { act, confirm }: FenceLevelConfig, level: number): PlannedLevel {
  const query = confirm?.query;
  return {
    level,
    driver: act.driver,
    fires: describeAction(config, act),
    timeoutMs: act.timeoutMs,
    confirm:
      confirm === null || query === undefined
        ? null
        : { driver: query.driver, asks: describeAction(config, query), offStates: confirm.offStates },
  };
}

function describeAction({ secrets }: Config, action: ActionConfig): string {
  return redact(wordsOf(action), secrets);
}

function wordsOf(action: ActionConfig): string {
  switch (action.driver) {
    case 'exec':
      return action.command.argv.map(quote).join(' ');
    case 'ssh': {
      const { user, host } = action.target;
      return `on ${user === null ? '' : `${user}@`}${host}: ${action.command.argv.map(quote).join(' ')}`;
    }
    case 'http': {
      const { proxy, url } = action;
      return `POST ${url}/go${proxy === null ? '' : ` through ${proxy.kind} ${proxy.host}:${proxy.port}`}`;
    }
    case 'agent':
      return 'the agent of the node';
  }
}

/** So that a word with blanks is seen to be one. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word);
}
