// `oneup reload`: has the prober that is asked propose its file as the configuration in force (S7).
import { resolve } from 'node:path';
import { fileDigest } from '../config/load.ts';
import type { Refusal } from '../failover/refusal.ts';
import { type CommandContext, clientFor, print, type SharedOptions } from './command-context.ts';
import { renderRefusal } from './render-refusal.ts';

type ReloadAnswer =
  | {
      readonly kind: 'unchanged' | 'accepted';
      readonly digest: string;
      /** The file that was proposed, as the prober that was asked names it. */
      readonly file: string;
      readonly prober: string;
      readonly forced?: readonly string[];
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

type ReloadOptions = SharedOptions & {
  readonly force?: boolean;
  readonly release?: readonly string[];
  readonly isNamed: boolean;
};

export async function proposeFile(context: CommandContext, options: ReloadOptions): Promise<number> {
  const { config, isNamed } = options;
  const named = isNamed || options.socket === undefined;
  const answer = await clientFor(options).post<ReloadAnswer>('/v1/reload', {
    force: options.force === true,
    release: options.release ?? [],
    actor: context.actor,
    named: named ? { path: resolve(config), digest: fileDigest(config) } : null,
  });
  if (answer.kind === 'refused') {
    print(context, options, { json: answer, text: renderRefusal(answer.refusal) });
    return 7;
  }
  const forced =
    (answer.forced ?? []).length > 0 ? `; cannot be loaded by ${answer.forced?.join(', ')}, which will not lead` : '';
  const text =
    answer.kind === 'unchanged'
      ? `Nothing proposed: ${answer.file}, the file of ${answer.prober}, is in force already`
      : `In force: ${answer.digest.slice(0, 12)}, ${answer.file}, proposed by ${answer.prober}${forced}`;
  print(context, options, { json: answer, text });
  return 0;
}
