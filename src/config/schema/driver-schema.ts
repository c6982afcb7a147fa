// How people write where an action runs: here, on the node over ssh, or behind a hook that is called over HTTP.
import * as z from 'zod';
import { commandSchema } from './command-schema.ts';
import { proxySchema } from './proxy-schema.ts';
import { strictKeys } from './strict-keys.ts';
import { wordText } from './word-text.ts';

const WORDS_MAX = 256;
const WORD_LENGTH_MAX = 32_768;
const VARIABLES_MAX = 64;

const sshSchema = strictKeys({
  host: z
    .string()
    .min(1)
    .meta({ description: 'name or address of the node', examples: ['{address}'] }),
  command: z
    .array(wordText.max(WORD_LENGTH_MAX))
    .min(1)
    .max(WORDS_MAX)
    .meta({
      description: 'program and arguments on the node; no shell reads them',
      examples: [['systemctl', 'start', 'web']],
    }),
  env: z
    .record(z.string(), wordText)
    .refine((env) => Object.keys(env).length <= VARIABLES_MAX, { error: `expected at most ${VARIABLES_MAX} variables` })
    .default({})
    .meta({ description: 'environment variables of the command; their values are kept secret' }),
  user: z.string().min(1).optional().meta({ description: 'user on the node [the user of oneup]' }),
  port: z.int().min(1).max(65_535).default(22).meta({ description: 'port of sshd' }),
  identity: z.string().min(1).optional().meta({
    description: 'file of the private key; relative ones count from the configuration file [the default keys of ssh]',
  }),
  knownHosts: z.string().min(1).optional().meta({
    description: 'the only file that vouches for host keys, which are always verified [the default files of ssh]',
  }),
  jump: z
    .string()
    .min(1)
    .optional()
    .meta({
      description: 'host to go through, with the same key and file of known hosts',
      examples: ['deploy@bastion.example.com:22'],
    }),
  sudo: z.boolean().default(false).meta({ description: '`true`: the guard and the command run as root by `sudo -n`' }),
  stateDir: z.string().min(1).optional().meta({
    description:
      'directory on the node where the guard remembers (S12); the only thing that oneup keeps there [/var/lib/oneup]',
  }),
}).meta({ id: 'SshCommand', description: 'A command on the node, under the guard that travels with it' });

const httpSchema = strictKeys({
  url: z
    .string()
    .min(1)
    .meta({
      description: 'https URL of the hook; http only on loopback, and through no proxy but one there',
      examples: ['https://{address}:8443/oneup'],
    }),
  secret: z
    .string()
    .min(1)
    .meta({
      description:
        'key that signs requests and answers, at least 16 characters; written as `${env:NAME}` or `${file:path}`',
      examples: ['${file:/etc/oneup/hook-secret}'],
    }),
  ca: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'PEM text of the certificates that may vouch for the hook [those of the system]' }),
  proxy: proxySchema('way to the hook'),
}).meta({ id: 'HttpHook', description: 'A hook that does hello and go itself; docs/drivers.md has its protocol' });

/** The drivers, of which every action names exactly one. */
export const driverKeys = {
  exec: commandSchema.optional().meta({ description: 'command run on the host of the controller' }),
  ssh: sshSchema.optional().meta({ description: 'command run on the node itself, over ssh' }),
  http: httpSchema.optional().meta({ description: 'call of a hook' }),
};

const DRIVERS = Object.keys(driverKeys) as readonly (keyof typeof driverKeys)[];

export type DriverWritten = {
  readonly [Driver in keyof typeof driverKeys]: z.output<(typeof driverKeys)[Driver]>;
};
export type SshWritten = z.output<typeof sshSchema>;
export type HttpHookWritten = z.output<typeof httpSchema>;

export function hasOneDriver(written: Partial<DriverWritten>): boolean {
  return DRIVERS.filter((driver) => written[driver] !== undefined).length === 1;
}

export const ONE_DRIVER = {
  error: 'expected exactly one of exec, ssh and http',
  params: { remedy: 'Write one driver, such as ssh: { host: "{address}", command: [systemctl, start, web] }' },
};
