// Tries the store as the configuration names it: whether it lets us in, whose it is, whether we may write, and how each member
// is. The only traces are a record of a session that ends at once, and the calls to providers that are about to be made, which
// count against the budgets of their accounts.
import { storeKeys } from '../../base/store-keys.ts';
import type { Config } from '../../config/config.ts';
import { chargeAccount } from '../../controller/account-record.ts';
import { callCost } from '../../controller/call-cost.ts';
import type { Store } from '../../ports/store.ts';
import type { MemberState } from '../../ports/store-member.ts';
import { readMeta } from '../../store/cluster-record.ts';
import type { AppDeps } from '../app-deps.ts';
import { openMembers, type ShownMember } from '../open-members.ts';
import { openStore } from '../open-store.ts';
import { type Facts, readFacts } from './facts.ts';
import { type Finding, type Outcome, reasonOf } from './finding.ts';
import { TRIED_MAX } from './try-providers.ts';
import { within } from './within.ts';

export type TriedStore = { readonly findings: readonly Finding[]; readonly facts: Facts | null };

/** Opening, reading and writing a store far away take a few calls of 2 s each at most. */
const STORE_MAX_MS = 8_000;
const SESSION_TTL_MS = 10_000;

/** Never rejects. */
export async function tryStore(config: Config, deps: AppDeps): Promise<TriedStore> {
  const findings: Finding[] = [];
  const say = (subject: string, outcome: Outcome, says: string) =>
    findings.push({ area: 'store', subject, outcome, says });
  const { clock, signal } = deps;
  let subject: string = config.cluster.store.kind;
  let facts: Facts | null = null;
  let opened: Store | undefined;
  const members = openMembers(config, deps, () => opened);
  try {
    await within({ clock, signal, ms: STORE_MAX_MS }, async (limit) => {
      const store = await openStore(config, { ...deps, signal: limit });
      if (limit.aborted) return void (await store[Symbol.asyncDispose]());
      opened = store;
      say(subject, 'ok', 'it lets us in');
      subject = 'cluster';
      const meta = await readMeta(store, config.cluster.name);
      facts = await readFacts(store, config, meta.generation.number);
      say(subject, 'ok', `${meta.cluster}, generation ${meta.generation.number}`);
      subject = 'rights';
      await tryToWrite(store, config, deps);
      say(subject, 'ok', 'a session and a record could be written');
      await chargeTries(store, config, deps);
    });
  } catch (error) {
    say(subject, 'wrong', reasonOf(error));
  }
  findings.push(...(await members()).map(judgeMember));
  await close(opened);
  return { findings, facts };
}

/** While the store is open: what each provider is going to be asked by this vantage, at most. */
async function chargeTries(store: Store, config: Config, { uniqueId }: AppDeps): Promise<void> {
  const keyOf = storeKeys(config.cluster.name).budget;
  for (const provider of config.providers) {
    if (provider.kind === 'builtin') continue;
    const names = config.services.filter(({ record }) => record.provider === provider.name).length;
    const cost = callCost(provider.kind, 'list') + callCost(provider.kind, 'apply');
    await chargeAccount({ store, uniqueId, keyOf }, provider, cost * Math.min(names, TRIED_MAX));
  }
}

/** The record belongs to a session, so that nothing stays, whatever happens to this process. */
async function tryToWrite(store: Store, config: Config, { uniqueId }: AppDeps): Promise<void> {
  const id = `try-${uniqueId()}`;
  const session = await store.openSession({ id, ttlMs: SESSION_TTL_MS });
  try {
    const key = storeKeys(config.cluster.name).connectTry(id);
    const write = { kind: 'put', key, value: '{}', sessionId: session.id } as const;
    const result = await store.commit({ guards: [], writes: [write], token: id });
    if (result.kind !== 'committed') throw new Error(`a record could not be written: ${result.kind}`);
  } finally {
    await session.close();
  }
}

/** What was found stands, however the store takes the farewell. */
async function close(store: Store | undefined): Promise<void> {
  try {
    await store?.[Symbol.asyncDispose]();
  } catch {
    // Its sessions end by themselves.
  }
}

/** A member that only reads, or that nobody asked, is as somebody made it; a person should see it. */
const MEMBERS: Readonly<Record<MemberState, Outcome>> = {
  leads: 'ok',
  follows: 'ok',
  observes: 'ok',
  alone: 'ok',
  primary: 'ok',
  answers: 'ok',
  readOnly: 'expected',
  unasked: 'expected',
  refuses: 'wrong',
  silent: 'wrong',
};

function judgeMember({ name, state, version, reason }: ShownMember): Finding {
  const parts = [state, ...(version === null ? [] : [`version ${version}`]), ...(reason === null ? [] : [reason])];
  return { area: 'store', subject: `member ${name}`, outcome: MEMBERS[state], says: parts.join(', ') };
}
