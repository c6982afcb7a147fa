// What leaves the house with an alert: bounded texts of one line each, without secrets, the same for every kind of channel.
import { redact, type Secret } from '../base/secret.ts';
import type { AlertMessage } from '../ports/alerter.ts';

/** Raised when a field changes its meaning; new fields do not change it. */
const FORMAT = 1;
/** A reason may quote the output of a script; mail subjects, pagers and environment variables take no more than this. */
const TEXT_MAX_CHARS = 2_000;
const CUT = '...';
/** Line breaks would begin another header of a mail, and a zero byte ends a variable. */
const CONTROLS = /[\p{Cc}\u2028\u2029]+/gu;

export function alertPayload(message: AlertMessage, secrets: readonly Secret[]) {
  const text = (value: string) => oneLine(redact(value, secrets));
  const textOrNull = (value: string | null) => (value === null ? null : text(value));
  return {
    format: FORMAT,
    id: text(message.id),
    cluster: text(message.cluster),
    service: text(message.service),
    level: message.level,
    state: message.state,
    count: message.count,
    subject: text(message.subject),
    rule: textOrNull(message.rule),
    reason: textOrNull(message.reason),
    remedy: textOrNull(message.remedy),
    time: new Date(message.wallMs).toISOString(),
    prober: text(message.prober),
  };
}

export type AlertPayload = ReturnType<typeof alertPayload>;

function oneLine(text: string): string {
  const clean = text.replace(CONTROLS, ' ').trim();
  // A pair of surrogates cut in half would not be a character any more.
  return clean.length <= TEXT_MAX_CHARS ? clean : `${clean.slice(0, TEXT_MAX_CHARS).toWellFormed()}${CUT}`;
}
