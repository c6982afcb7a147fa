// The calls to a DNS provider in one line for people: how many, what went wrong with some, and what is left of the budget.
import { formatDuration } from '../base/duration.ts';
import type { ProviderCalls } from '../controller/read-provider-calls.ts';

export function renderProviderCalls({ provider, calls, waitedMs, callsLeft }: ProviderCalls): string {
  const all = [calls.list, calls.apply, calls.confirm];
  const sum = (outcome: keyof ProviderCalls['calls']['list']) => all.reduce((total, each) => total + each[outcome], 0);
  const [made, failed, throttled, conflicts, putOff] = [
    sum('done') + sum('conflict') + sum('failed') + sum('throttled'),
    sum('failed'),
    sum('throttled'),
    sum('conflict'),
    sum('putOff'),
  ];
  const parts = [`${made} ${made === 1 ? 'call' : 'calls'} in this term`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (conflicts > 0) parts.push(`${conflicts} refused because the record had changed`);
  if (throttled > 0) parts.push(`${throttled} answered with "slow down"`);
  if (putOff > 0) parts.push(`${putOff} put off`);
  if (waitedMs > 0) parts.push(`${formatDuration(waitedMs)} waited for the budget`);
  if (callsLeft !== null) parts.push(callsLeft < 0 ? `${-callsLeft} calls over the budget` : `${callsLeft} calls left`);
  return `Provider ${provider}: ${parts.join(', ')}`;
}
