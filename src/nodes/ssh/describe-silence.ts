// Says why no answer came, in words a person can act on: the last line of ssh itself where there is one.
import { assertNever } from '../../base/assert-never.ts';
import type { Said } from './converse.ts';

/** `complaint` is the error output of ssh without secrets. */
export function describeSilence({ kind, exitCode }: Said, complaint: string): string {
  switch (kind) {
    case 'ended':
      return lastLine(complaint) || `the connection ended with exit code ${exitCode} and without an answer`;
    case 'deadline':
      return `no answer came in time${said(complaint)}`;
    case 'aborted':
      return 'the caller gave up';
    case 'notAllowed':
      return "the controller's right to act has ended (S8)";
    case 'tooMuch':
      return 'the node said more than 64 KiB, which no guard does';
    case 'notStarted':
      return `ssh cannot be run${said(complaint)}; install the ssh client`;
    default:
      return assertNever(kind);
  }
}

function said(complaint: string): string {
  const line = lastLine(complaint);
  return line === '' ? '' : ` (${line})`;
}

/** Longest line of ssh that is repeated in a reason. */
const LINE_CHARS = 300;

function lastLine(text: string): string {
  return (text.trimEnd().split('\n').at(-1) ?? '').trim().slice(0, LINE_CHARS);
}
