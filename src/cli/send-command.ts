// Passes a command to the controller through a prober, says how it was answered, and follows the operation that it began.
import type { CommandReply, MachineCommand } from '../failover/machine-command.ts';
import type { HistoryEntry, JournalEntry } from '../failover/machine-effect.ts';
import type { Outcome } from '../failover/operation.ts';
import type { ApiClient } from './api-client.ts';
import { type CommandContext, print, type SharedOptions } from './command-context.ts';
import { type Followed, followOperation } from './follow-operation.ts';
import { renderRefusal } from './render-refusal.ts';

export type Finish = (exitCode: number) => void;

export type ReasonOption = SharedOptions & { readonly reason: string; readonly wait: boolean };

export type Sending = {
  readonly service: string;
  readonly options: SharedOptions & { readonly wait: boolean };
  readonly command: MachineCommand;
  readonly client: ApiClient;
  /** The end that was asked for [done]. */
  readonly wanted?: Outcome;
  /** What else there is to say once the node is active. */
  readonly afterwards?: string;
  /** Text for an operation that has ended, instead of its summary. */
  readonly render?: (ended: HistoryEntry, journal: readonly JournalEntry[]) => string;
  /** The JSON holds the journal too, with the evidence of each action [false]. */
  readonly showsJournal?: boolean;
};

/** What one command came to: its exit code, and its answer as JSON and as text. */
export type Sent = { readonly exitCode: number; readonly json: object; readonly text: string };

/** Exit code: 0 as asked, 7 refused by a rule, 8 ended otherwise, 9 blocked. */
export async function sendCommand(context: CommandContext, sending: Sending): Promise<number> {
  const { exitCode, json, text } = await exchangeCommand(context, sending);
  print(context, sending.options, { json, text });
  return exitCode;
}

/** The same without printing, for commands that ask several services. */
export async function exchangeCommand(context: CommandContext, sending: Sending): Promise<Sent> {
  const { service, options, command, client } = sending;
  const path = `/v1/services/${encodeURIComponent(service)}/commands`;
  const reply = await client.post<CommandReply>(path, { actor: context.actor, command });
  if (reply.kind === 'refused') {
    return { exitCode: 7, json: reply, text: renderRefusal(reply.refusal) };
  }
  if (reply.opId !== null && options.wait) return await follow(context, sending, { ...reply, opId: reply.opId });
  return { exitCode: 0, json: reply, text: reply.opId === null ? reply.note : `${reply.note} (${reply.opId})` };
}

type Begun = CommandReply & { readonly opId: string };

async function follow(context: CommandContext, sending: Sending, reply: Begun): Promise<Sent> {
  const { service, client, wanted = 'done', afterwards, render, showsJournal = false } = sending;
  const { opId } = reply;
  const { exitCode, followed } = await followOperation(context, client, { service, opId, untilActive: true, wanted });
  const { operation, ended, journal } = followed;
  const more = afterwards === undefined ? '' : `; ${afterwards}`;
  const text =
    ended !== null
      ? (render?.(ended, journal) ?? `${endedText(service, ended, exitCode)}${exitCode === 0 ? more : ''}`)
      : exitCode === 9
        ? blockedText(operation)
        : operation?.rollback === true
          ? rolledBack(service, operation, exitCode)
          : `${operation?.to} is active; ${dnsOf(operation)}${more}`;
  return { exitCode, json: { ...reply, exitCode, operation, ended, ...(showsJournal ? { journal } : {}) }, text };
}

/** As `status` and `why` say it. */
function blockedText(operation: Followed['operation']): string {
  const { rule, reason, remedy } = operation?.blocked ?? {};
  return `Blocked by ${rule}: ${reason}\nRemedy: ${remedy}`;
}

function dnsOf(operation: Followed['operation']): string {
  if (operation?.blocked == null) return `DNS follows (${operation?.phase})`;
  const { rule, reason, remedy } = operation.blocked;
  return `DNS does not say so yet, ${rule}: ${reason}\nRemedy: ${remedy}`;
}

/** Whether the last look came before or after the end of its DNS part, a rollback is told in the same words. */
function endedText(service: string, { op, outcome, summary }: HistoryEntry, exitCode: number): string {
  return outcome === 'rolledBack' ? rolledBack(service, op, exitCode) : `${op.kind} ${outcome}: ${summary}`;
}

function rolledBack(service: string, { kind, to }: { kind: string; to: string | null }, exitCode: number): string {
  if (exitCode === 0) return `rolled back: ${to} is active again`;
  return `${kind} failed and was rolled back: ${to} is active again; see oneup why ${service}`;
}
