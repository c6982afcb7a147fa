// How people write a command: a list of words, or a map with an environment and a directory.
import * as z from 'zod';
import { strictKeys } from './strict-keys.ts';
import { wordText } from './word-text.ts';

/** Linux limits one word to 128 KiB and all of them to about 2 MiB; scripts belong in files long before that. */
const WORDS_MAX = 256;
const WORD_LENGTH_MAX = 32_768;
const VARIABLES_MAX = 64;

const words = z.array(wordText.max(WORD_LENGTH_MAX)).min(1).max(WORDS_MAX);

const commandKeys = strictKeys({
  command: words.meta({
    description: `program and arguments; no shell. Placeholders are expanded; values from \`\${env:}\` and \`\${file:}\` are refused, because every user of the machine can read arguments`,
    examples: [['/usr/local/bin/start-web', '{node.id}']],
  }),
  env: z
    .record(z.string(), wordText)
    .refine((env) => Object.keys(env).length <= VARIABLES_MAX, { error: `expected at most ${VARIABLES_MAX} variables` })
    .default({})
    .meta({ description: 'environment variables of the command; their values are kept secret' }),
  cwd: z.string().min(1).optional().meta({
    description: 'working directory; relative ones count from the configuration file [the directory of `oneup run`]',
  }),
}).meta({ id: 'Command', description: 'A command, run without a shell' });

/** `[program, argument]` is short for `{ command: [program, argument] }`. */
export const commandSchema = z.union([words, commandKeys], {
  error: () => 'expected a list of words or a map with command',
});

export type CommandWritten = z.output<typeof commandSchema>;
