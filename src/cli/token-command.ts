// `oneup token`: who may speak for a node. The secret is printed once, by create.
import type { Command } from 'commander';
import type { CreatedToken, ListedToken, RevokedToken } from '../api/tokens.ts';
import { parseDuration } from '../base/duration.ts';
import { OneupError } from '../base/oneup-error.ts';
import { type CommandContext, clientFor, print, type SharedOptions } from './command-context.ts';
import { table } from './console.ts';
import type { Finish } from './send-command.ts';
import { withExamples, withShared } from './shared-options.ts';

type TokenOptions = SharedOptions & { readonly agent?: string; readonly expires?: string; readonly note?: string };

export function addTokenCommand(program: Command, context: CommandContext, finish: Finish): void {
  const what = 'Make, show and revoke the tokens with which agents let themselves be known';
  const command = withShared(program.command('token <create|list|revoke> [id]').description(what))
    .option('--agent <name>', 'create: the agent of the configuration that it is for')
    .option('--expires <duration>', 'create: until when it lets in, such as 90d (default: until it is revoked)')
    .option('--note <text>', 'create: what it is for');
  withExamples(
    command,
    'oneup token create --agent db1 --expires 90d --note "rack 4"',
    'oneup token list',
    'oneup token revoke 0123456789ab',
  ).action(async (verb: string, id: string | undefined, options: TokenOptions) => {
    if (verb === 'create') return create(context, options);
    if (verb === 'list') return list(context, options);
    if (verb === 'revoke') return finish(await revoke(context, id, options));
    throw usage(`Cannot read token: expected create, list or revoke, value was ${verb}`);
  });
}

async function create(context: CommandContext, options: TokenOptions): Promise<void> {
  const { agent, expires, note = '' } = options;
  if (agent === undefined) throw usage('Cannot create a token: --agent is missing');
  const body = { agent, note, expiresAfterMs: expires === undefined ? null : readExpiry(expires) };
  const created = await clientFor(options).post<CreatedToken>('/v1/tokens', body);
  const until = created.expiresWallMs === null ? 'until it is revoked' : `until ${dateText(created.expiresWallMs)}`;
  const nodes =
    created.nodes.length === 0
      ? `No node of the configuration in force names agent ${agent} yet`
      : `It speaks for ${created.nodes.join(', ')}`;
  const text = `${created.token}\n\nThis is shown once. Token ${created.id} lets agent ${agent} in ${until}\n${nodes}`;
  print(context, options, { json: created, text });
}

async function list(context: CommandContext, options: SharedOptions): Promise<void> {
  const answer = await clientFor(options).get<{ readonly tokens: readonly ListedToken[] }>('/v1/tokens');
  const rows = answer.tokens.map((token) =>
    'problem' in token
      ? [token.id, '', '', '', token.problem]
      : [token.id, token.agent, dateText(token.createdWallMs), expiryText(token), token.note],
  );
  const text =
    rows.length === 0 ? 'There is no token' : table([['ID', 'AGENT', 'CREATED', 'EXPIRES', 'NOTE'], ...rows]);
  print(context, options, { json: answer, text });
}

async function revoke(context: CommandContext, id: string | undefined, options: SharedOptions): Promise<number> {
  if (id === undefined) throw usage('Cannot revoke a token: its id is missing; oneup token list shows it');
  const answer = await clientFor(options).post<RevokedToken>('/v1/tokens/revoke', { id });
  const text = answer.revoked ? `Token ${id} is revoked; within 5 s it lets nobody in` : `There is no token ${id}`;
  print(context, options, { json: answer, text });
  return answer.revoked ? 0 : 1;
}

function expiryText({
  expiresWallMs,
  isExpired,
}: {
  readonly expiresWallMs: number | null;
  readonly isExpired: boolean;
}) {
  if (expiresWallMs === null) return 'never';
  return isExpired ? `${dateText(expiresWallMs)}, expired` : dateText(expiresWallMs);
}

function dateText(wallMs: number): string {
  return new Date(wallMs).toISOString();
}

function readExpiry(text: string): number {
  const parsed = parseDuration(text);
  if (!parsed.ok) throw usage(`Cannot read --expires: ${parsed.error}, value was ${text}`);
  return parsed.value;
}

function usage(message: string): OneupError {
  return new OneupError('ONEUP_USAGE', message);
}
