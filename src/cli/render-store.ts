// The part of `oneup status` that tells of the store: whether it answers, and each of its members.
import type { MemberState } from '../ports/store-member.ts';
import { table } from './console.ts';
import type { ShownMember } from './open-members.ts';

/** `members` is absent when they were not asked for, or by a prober that does not know the question. */
export type ToldStore = {
  readonly kind: string;
  readonly engine?: string;
  readonly generation?: number;
  readonly code?: string;
  readonly reason?: string;
  readonly members?: readonly ShownMember[];
};

export function renderStore({ kind, engine, generation, code, reason }: ToldStore): string {
  return kind === 'reachable'
    ? `Store reachable (${engine}, generation ${generation})`
    : `Store LOST (${code}: ${reason})`;
}

/** No lines where no member is known. */
export function renderMembers({ members = [] }: ToldStore): readonly string[] {
  return members.length === 0 ? [] : ['Store members', table(members.map(renderMember))];
}

/** In capitals what a reader should not overlook. */
const STATES: Readonly<Record<MemberState, string>> = {
  leads: 'leads',
  follows: 'follows',
  observes: 'observes',
  alone: 'alone',
  primary: 'primary',
  readOnly: 'reads only',
  answers: 'answers',
  refuses: 'REFUSES',
  silent: 'SILENT',
  unasked: 'not asked',
};

function renderMember({ name, state, version, bytes, reason, isInUse }: ShownMember): readonly string[] {
  const notes = [...(reason === null ? [] : [reason]), ...(isInUse ? ['in use'] : [])];
  return [`  ${name}`, STATES[state] ?? state, version ?? '', bytes === null ? '' : sizeOf(bytes), notes.join('; ')];
}

function sizeOf(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const amount = bytes / 1024 ** power;
  return `${power === 0 || amount >= 10 ? Math.round(amount) : amount.toFixed(1)} ${units[power]}`;
}
