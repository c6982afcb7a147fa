// The sweep of statuses: when each node is asked, which answers count, and what follows from them (S19, S25).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MachineState } from '../../../src/failover/service-state.ts';
import { step } from '../../../src/failover/step.ts';
import { saysActive } from '../../../src/failover/swept-status.ts';
import type { View } from '../../../src/failover/view.ts';
import { activeState, down, nodeRules, serviceRules, viewOf } from './machine-fixture.ts';

const EVERY_MS = 30_000;
const withStatus = (id: string) => nodeRules(id, { actions: { ...nodeRules(id).actions, status: 1_000 } });
const NODES = [withStatus('a'), withStatus('b'), nodeRules('c')];
const RULES = serviceRules({ nodes: NODES, sweepEveryMs: EVERY_MS });

type Role = 'active' | 'standby' | 'stopped' | 'starting' | null;

/** A machine whose nodes say what `roles` holds, driven second by second. */
class Swept {
  state: MachineState;
  readonly roles: Record<string, Role> = { a: 'active', b: 'stopped' };
  readonly asked: { readonly node: string; readonly atMs: number }[] = [];
  readonly alerts: string[] = [];
  readonly ran: string[] = [];
  /** Nodes whose questions nobody answers, not even that they could not be asked. */
  readonly hanging = new Set<string>();
  #atMs = 100_000;

  constructor(change: Parameters<typeof activeState>[0] = {}, view = viewOf({ a: 'up', b: 'down', c: 'down' })) {
    this.state = activeState({ rules: RULES, ...change, local: { view, termSinceMonoMs: this.#atMs } });
  }

  run(seconds: number): void {
    for (let passed = 0; passed < seconds; passed += 1) {
      this.#take({ kind: 'tick' });
      this.#atMs += 1_000;
    }
  }

  see(view: View): void {
    this.#take({ kind: 'seen', view });
  }

  /** The answer to a question that was asked before. */
  say(node: string, role: Role): void {
    const crumbVersion = this.state.breadcrumbs[node]?.version ?? 0;
    const answer = { kind: 'sweep', node, crumbVersion, role, reason: 'said so' } as const;
    this.#take({ kind: 'answer', question: `sweep:${node}`, answer });
  }

  /** The next term, which knows what is on record and nothing else. */
  takeOver(): void {
    this.#take({ kind: 'takeover', term: 9, view: this.state.local.view });
  }

  #take(event: Parameters<typeof step>[1]): void {
    const decided = step(this.state, event, { monoMs: this.#atMs, wallMs: this.#atMs });
    this.state = decided.state;
    for (const effect of decided.effects) {
      if (effect.kind === 'run') this.ran.push(`${effect.intent.kind} ${effect.intent.node}`);
      if (effect.kind === 'alert') this.alerts.push(effect.alert.subject);
      if (effect.kind !== 'ask' || effect.question.kind !== 'sweep') continue;
      const { node, crumbVersion } = effect.question;
      this.asked.push({ node, atMs: this.#atMs });
      if (this.hanging.has(node)) continue;
      const answer = { kind: 'sweep', node, crumbVersion, role: this.roles[node] ?? null, reason: 'said so' } as const;
      this.#take({ kind: 'answer', question: `sweep:${node}`, answer });
    }
  }
}

describe('when a node is asked', () => {
  test('once in a round, each at its own time, and never one without a status action', () => {
    const swept = new Swept();
    swept.run(90);
    const times = (node: string) => swept.asked.filter((one) => one.node === node).map(({ atMs }) => atMs);
    assert.deepEqual([times('a').length, times('b').length, times('c').length], [3, 3, 0]);
    assert.equal((times('b')[1] ?? 0) - (times('b')[0] ?? 0), EVERY_MS);
  });

  test('a round of many services is spread over its time', () => {
    const firsts = Array.from({ length: 200 }, (_, at) => {
      const swept = new Swept({ rules: { ...RULES, id: `web-${at}` } });
      swept.run(EVERY_MS / 1_000 + 1);
      return Math.floor(((swept.asked[0]?.atMs ?? 0) - 100_000) / 5_000);
    });
    for (let slice = 0; slice < 3; slice += 1) assert.ok(firsts.includes(slice), `nobody is asked in slice ${slice}`);
  });

  test('never, in maintenance, or while an operation acts on the node', () => {
    const never = new Swept({ rules: { ...RULES, sweepEveryMs: null } });
    never.run(60);
    assert.deepEqual(never.asked, []);
    const mode = { reason: 'disk', actor: 'ann', sinceWallMs: 0, expiresAfterMs: 3_600_000 };
    const held = new Swept({ service: { nodeMaintenance: { b: mode } } });
    held.run(60);
    assert.deepEqual([...new Set(held.asked.map(({ node }) => node))], ['a']);
    const whole = new Swept({ service: { maintenance: mode } });
    whole.run(60);
    assert.deepEqual(whole.asked, []);
  });
});

describe('what an answer means', () => {
  test('the same answer again changes no record', () => {
    const swept = new Swept();
    swept.run(70);
    const before = swept.state.service;
    swept.run(120);
    assert.equal(swept.state.service, before);
    assert.equal(before.statuses.b?.role, 'stopped');
  });

  test('a node that says it runs voids its proof, and is stopped when it has said so twice', () => {
    const swept = new Swept();
    swept.run(40);
    swept.roles.b = 'active';
    swept.run(60);
    assert.equal(swept.state.op?.kind, 'conflict');
    assert.equal(swept.state.op?.intent?.intent.kind, 'stop');
    assert.equal(swept.state.op?.intent?.intent.node, 'b');
    assert.equal(swept.state.breadcrumbs.b?.kind, 'unknown');
    assert.ok(swept.alerts.some((text) => text.includes('the status of b says active')));
    // The operation keeps a and stops b: while it works on both, neither is asked.
    const asked = swept.asked.length;
    swept.run(90);
    assert.equal(swept.asked.length, asked);
  });

  test('a node that is starting voids its proof, and that is all', () => {
    const swept = new Swept();
    swept.roles.b = 'starting';
    swept.run(90);
    assert.deepEqual([swept.state.breadcrumbs.b?.kind, swept.state.op], ['unknown', null]);
  });

  test('a standby is no sign of activity', () => {
    const swept = new Swept();
    swept.roles.b = 'standby';
    swept.run(90);
    assert.deepEqual([swept.state.breadcrumbs.b?.kind, swept.state.service.statuses.b?.role], ['down', 'standby']);
  });

  test('what was asked before a proof does not speak against it', () => {
    const { state } = new Swept();
    const answer = { kind: 'sweep', node: 'b', crumbVersion: 0, role: 'active', reason: 'said so' } as const;
    const now = { monoMs: 100_000, wallMs: 0 };
    const after = step(state, { kind: 'answer', question: 'sweep:b', answer }, now).state;
    assert.deepEqual([after.breadcrumbs.b?.kind, after.service.statuses], ['down', {}]);
  });

  test('no answer counts as nothing, and is told after three', () => {
    const swept = new Swept();
    swept.run(40);
    swept.roles.b = null;
    swept.run(60);
    assert.deepEqual(swept.alerts, []);
    swept.run(40);
    assert.match(swept.alerts[0] ?? '', /status action of node b gave no answer 3 times in a row, last: said so/);
    assert.equal(swept.state.breadcrumbs.b?.kind, 'down');
    swept.roles.b = 'stopped';
    swept.run(40);
    assert.match(swept.alerts.at(-1) ?? '', /over/);
  });
});

describe('where nobody holds the grant', () => {
  const RECOVERED = { kind: 'unknown', version: 3, why: 'recovered' } as const;
  const change = {
    grant: null,
    breadcrumbs: { a: RECOVERED, b: RECOVERED, c: RECOVERED },
    service: { active: null, epoch: 5, crumbVersion: 3, awaitsOperator: true },
  };

  test('what statuses say is told and stops nobody: the one that serves is for a person to adopt (S24, S25)', () => {
    for (const look of ['up', ['up', 'down', 'down'], 'down'] as const) {
      const swept = new Swept(change, viewOf({ a: look, b: 'down', c: 'down' }));
      swept.roles.b = 'active';
      swept.run(120);
      assert.equal(swept.state.op, null, `seen ${look}`);
      assert.deepEqual(swept.ran, []);
      assert.ok(swept.alerts.some((text) => text.includes('says active')));
    }
  });

  test('what most probers see is stopped, and a node that only says it runs is not touched', () => {
    const swept = new Swept(change, viewOf({ a: 'up', b: 'down', c: 'up' }));
    swept.roles.b = 'active';
    swept.run(120);
    assert.equal(swept.state.op?.kind, 'conflict');
    assert.deepEqual(swept.state.op?.clear, ['a', 'c']);
    assert.equal(swept.state.service.statuses.b?.isActedOn, false);
  });
});

describe('the word of a node that it is active', () => {
  const TWO = { rules: { ...RULES, nodes: NODES.slice(0, 2) } };
  const view = (a: 'up' | 'down', revision = 10) => viewOf({ a, b: 'down' }, { revision });
  /** Frozen, so that what b says is heard and not acted on. */
  const frozen = { reason: 'look', actor: 'ann', sinceWallMs: 0 };

  function saidFor(seconds: number): Swept {
    const swept = new Swept({ ...TWO, service: { frozen } }, view('up'));
    swept.roles.b = 'active';
    swept.run(seconds);
    return swept;
  }

  test('counts once it was said twice in this term', () => {
    const swept = saidFor(40);
    assert.equal(saysActive(swept.state, 'b'), true);
    swept.takeOver();
    assert.equal(saysActive(swept.state, 'b'), false);
    swept.run(1);
    const before = swept.asked.length;
    for (let passed = 0; passed < EVERY_MS / 1_000 && !swept.asked.slice(before).some(isB); passed += 1) swept.run(1);
    assert.equal(saysActive(swept.state, 'b'), false, 'one word of this term');
    swept.run(2);
    assert.equal(saysActive(swept.state, 'b'), true);
  });

  test('counts no longer when the next question has no answer, and is not asked for every second', () => {
    const swept = saidFor(40);
    swept.roles.b = null;
    swept.run(EVERY_MS / 1_000);
    assert.equal(saysActive(swept.state, 'b'), false);
    const before = swept.asked.filter(isB).length;
    swept.run(EVERY_MS / 1_000);
    assert.equal(swept.asked.filter(isB).length - before, 1);
  });

  test('counts no longer when nobody has been able to ask again for three rounds', () => {
    const swept = saidFor(40);
    swept.hanging.add('b');
    swept.run((2 * EVERY_MS) / 1_000);
    assert.equal(saysActive(swept.state, 'b'), true);
    swept.run((2 * EVERY_MS) / 1_000);
    assert.equal(saysActive(swept.state, 'b'), false);
  });

  test('counts although its answers take longer than a quick rhythm', () => {
    const swept = new Swept({ rules: { ...TWO.rules, sweepEveryMs: 300 }, service: { frozen } }, view('up'));
    swept.hanging.add('b');
    for (let times = 0; times < 4; times += 1) {
      swept.run(2);
      swept.say('b', 'active');
    }
    assert.equal(saysActive(swept.state, 'b'), true);
  });

  test('said once and never again, it does not hold a failover (S34)', () => {
    const swept = new Swept(TWO, view('up'));
    swept.roles.b = 'active';
    while (!swept.asked.some(isB)) swept.run(1);
    assert.equal(swept.state.service.statuses.b?.role, 'active');
    swept.roles.b = null;
    swept.run(5);
    swept.see(view('down', 20));
    swept.run(10);
    assert.deepEqual([swept.state.op?.kind, swept.state.op?.to], ['automatic', 'b']);
  });
});

describe('while an operation has a target', () => {
  const CRUMBS = { a: { kind: 'maybe', version: 2, epoch: 1 } as const, b: down(), c: down() };
  const THREE = { rules: { ...RULES, nodes: ['a', 'b', 'c'].map(withStatus) }, breadcrumbs: CRUMBS };

  test('a third node is not asked, and one word that was on its way has it neither stopped nor fenced (S19)', () => {
    for (const role of ['starting', 'active'] as const) {
      const swept = new Swept(THREE);
      swept.hanging.add('c');
      while (!swept.asked.some(({ node }) => node === 'c')) swept.run(1);
      swept.see(viewOf({ a: 'down', b: 'down', c: 'down' }, { revision: 20 }));
      swept.run(10);
      assert.deepEqual([swept.state.op?.to, swept.state.op?.clear], ['b', ['a']]);
      swept.say('c', role);
      assert.equal(swept.state.breadcrumbs.c?.kind, 'down');
      swept.hanging.clear();
      swept.roles.c = role;
      const before = swept.asked.length;
      swept.run(90);
      assert.equal(swept.asked.length, before);
      assert.equal(swept.state.breadcrumbs.c?.kind, 'down');
    }
  });
});

const isB = ({ node }: { readonly node: string }) => node === 'b';
