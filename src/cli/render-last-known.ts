// The services in `oneup status` while there is no store: one line each, from memory.
import { formatDuration } from '../base/duration.ts';
import type { LastKnown } from './last-known.ts';

export function renderLastKnown({ service, record, answer }: LastKnown): string {
  const answers =
    answer === null ? 'gives no answer' : `answers ${answer.addresses.join(', ')} (TTL ${answer.ttlSeconds} s)`;
  return `Service ${service}: ${renderRecord(record)}; this name server ${answers}`;
}

function renderRecord(record: LastKnown['record']): string {
  if (record === null) return 'nothing is known here without the store';
  const { active, epoch, operation, agoMs } = record;
  const node = active === null ? 'no node active' : `${active} active`;
  const running = operation === null ? '' : `, ${operation} under way`;
  return `last known here ${formatDuration(Math.round(agoMs / 1_000) * 1_000)} ago: ${node}, epoch ${epoch}${running}`;
}
