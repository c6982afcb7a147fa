// A query of a node over ssh: it changes nothing, needs no step and no hello, and answers with the last line that it prints.
import type { Secret } from '../../base/secret.ts';
import type { SshActionConfig } from '../../config/config.ts';
import type { ActionEvidence } from '../../ports/node-driver.ts';
import type { QueryAnswer, Question } from '../action-carrier.ts';
import { lastWords } from '../last-words.ts';
import { redactTail } from '../redact-tail.ts';
import type { Said } from './converse.ts';
import { describeSilence } from './describe-silence.ts';

type Options = {
  readonly secrets: readonly Secret[];
  readonly ask: (signal: AbortSignal) => Promise<Said>;
};

/** The guard's last word; ssh's own exit code could be that of a connection that failed. */
const EXIT = /^oneup1 exit (\d{1,3})\n?/m;

/** Any exit code but 0, silence or the query's own timeout is `failed`: it says nothing about the node (S18). */
export async function askQuestion(
  { target }: SshActionConfig,
  { action, signal }: Question,
  { secrets, ask }: Options,
): Promise<QueryAnswer> {
  const said = await ask(signal);
  const stdout = redactTail(said.stdout, { isCut: true, secrets });
  const complaint = redactTail(said.stderr.replace(EXIT, ''), { isCut: true, secrets });
  const found = EXIT.exec(said.stderr)?.[1];
  const exitCode = found === undefined ? null : Number(found);
  const evidence: ActionEvidence = {
    exitCode,
    signal: null,
    output: `${complaint}${stdout}`.slice(-OUTPUT_CHARS),
    durationMs: said.durationMs,
  };
  const where = `Cannot query ${action} over ssh at ${target.host}:${target.port}`;
  if (exitCode === null) return { kind: 'failed', reason: `${where}: ${describeSilence(said, complaint)}`, evidence };
  if (exitCode !== 0) {
    const reason = `${where}: Ended with exit code ${exitCode}${lastWords(evidence.output)}`;
    return { kind: 'failed', reason, evidence };
  }
  const word = stdout.trimEnd().split('\n').at(-1)?.trim() ?? '';
  if (word === '') return { kind: 'failed', reason: `${where}: it printed nothing`, evidence };
  return { kind: 'said', word, evidence };
}

/** As much as any evidence may hold. */
const OUTPUT_CHARS = 4_096;
