// Asks every driver what can be asked without an effect: is the script there, does the login work, does the hook greet with
// the right signature, does the status action say a role. Nothing is started, stopped or fenced: no step is ever sent.
import { formatDuration } from '../../base/duration.ts';
import type { HttpActionConfig } from '../../config/action-config.ts';
import type { Config } from '../../config/config.ts';
import type { QueryAnswer } from '../../nodes/action-carrier.ts';
import { actionEnvironment } from '../../nodes/action-variables.ts';
import { findObstacle } from '../../nodes/exec/find-obstacle.ts';
import { callHook } from '../../nodes/http/call-hook.ts';
import { readHello } from '../../nodes/http/read-hook-answer.ts';
import type { ActionContext } from '../../ports/node-driver.ts';
import type { Finding } from './finding.ts';
import { listUsers, type NamedAction, namedActions } from './named-actions.ts';
import { type QueryDeps, queryAction, queryTimeoutMs } from './query-action.ts';
import type { Job } from './run-jobs.ts';
import { placeOf } from './try-proxies.ts';
import { sshJobs } from './try-ssh.ts';

const HELLO_MS = 5_000;
const FILE_MS = 2_000;
const GRACE_MS = 1_000;

export function actionJobs(config: Config, deps: QueryDeps): readonly Job[] {
  const actions = namedActions(config);
  return [
    ...actions.filter(({ action }) => action.driver === 'exec').map((one) => execJob(one, deps)),
    ...sshJobs(actions, deps),
    ...hookJobs(actions, deps),
    ...actions
      .filter(({ name, action }) => name === 'status' && action.driver !== 'agent')
      .map((one) => statusJob(one, deps)),
  ];
}

function execJob(one: NamedAction, deps: QueryDeps): Job {
  const subject = `${one.service}/${one.node} ${one.name}`;
  return {
    area: 'action',
    subject,
    timeoutMs: FILE_MS,
    run: () => Promise.resolve([judgeFile(subject, one, deps)]),
  };
}

function judgeFile(subject: string, { service, node, name, action }: NamedAction, deps: QueryDeps): Finding {
  if (action.driver !== 'exec') throw new TypeError(`Cannot look for a script: ${subject} has none`);
  const { command } = action;
  const context = deps.contextOf(service, node);
  const env = actionEnvironment(context, { action: name, command, parentEnv: deps.parentEnv });
  const obstacle = findObstacle({ argv: command.argv, env, cwd: command.cwd });
  const says = obstacle === null ? `${command.argv[0]} is there and can be run` : `${command.argv[0]}: ${obstacle}`;
  return { area: 'action', subject, outcome: obstacle === null ? 'ok' : 'wrong', says };
}

type HookUse = NamedAction & { readonly action: HttpActionConfig };

/** Each hook once: hello changes nothing there, and its answer is signed with the secret. */
function hookJobs(actions: readonly NamedAction[], deps: QueryDeps): readonly Job[] {
  const uses = actions.flatMap((one): readonly HookUse[] =>
    one.action.driver === 'http' ? [{ ...one, action: one.action }] : [],
  );
  const byHook = Map.groupBy(uses, ({ action }) => `${action.url} ${action.secret.reveal()} ${placeOf(action.proxy)}`);
  return [...byHook.values()].flatMap((users): readonly Job[] => {
    const [first] = users;
    if (first === undefined) return [];
    const { url, proxy } = first.action;
    const through = proxy === null ? '' : ` through ${placeOf(proxy)}`;
    const subject = `hook ${url}${through} (${listUsers(users)})`;
    const context = deps.contextOf(first.service, first.node);
    return [
      {
        area: 'action',
        subject,
        timeoutMs: HELLO_MS + GRACE_MS,
        run: async (signal) => [await greet(first.action, { subject, context, signal }, deps)],
      },
    ];
  });
}

type Greeting = { readonly subject: string; readonly context: ActionContext; readonly signal: AbortSignal };

async function greet(
  action: HttpActionConfig,
  { subject, context, signal }: Greeting,
  { clock }: QueryDeps,
): Promise<Finding> {
  const message = { protocol: 1, action: 'status', part: 0, context, timeoutMs: HELLO_MS };
  const reply = await callHook(action, { call: 'hello', message, timeoutMs: HELLO_MS, signal }, clock);
  if (reply.kind !== 'answered') return { area: 'action', subject, outcome: 'wrong', says: reply.reason };
  const says = 'it gave no nonce, so it does no hello and go (S12)';
  if (readHello(reply.answer) === null) return { area: 'action', subject, outcome: 'wrong', says };
  return { area: 'action', subject, outcome: 'ok', says: 'it greets, and its answer is signed with the secret' };
}

const ROLES: readonly string[] = ['active', 'standby', 'stopped', 'starting'];

function statusJob({ service, node, action }: NamedAction, deps: QueryDeps): Job {
  const subject = `${service}/${node} status says`;
  const timeoutMs = queryTimeoutMs(action);
  return {
    area: 'action',
    subject,
    timeoutMs: timeoutMs + GRACE_MS,
    run: async (signal) => {
      const answer = await queryAction(action, { service, node, name: 'status', signal }, deps);
      return [{ area: 'action', subject, ...judgeRole(answer) }];
    },
  };
}

/** S13: a word that is no role leaves the node unknown. */
function judgeRole(answer: QueryAnswer): Pick<Finding, 'outcome' | 'says'> {
  if (answer.kind === 'failed') return { outcome: 'wrong', says: answer.reason };
  const word = JSON.stringify(answer.word.slice(0, 100));
  if (ROLES.includes(answer.word))
    return { outcome: 'ok', says: `${word} after ${formatDuration(answer.evidence.durationMs)}` };
  return { outcome: 'wrong', says: `expected one of ${ROLES.join(', ')}, value was ${word}` };
}
