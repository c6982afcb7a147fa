// `oneup check-config`: everything that is wrong with a file, and with --connect whether what it names can be reached.
import { formatProblems } from '../config/format-problems.ts';
import { loadConfig } from '../config/load.ts';
import { type CommandContext, print, type SharedOptions } from './command-context.ts';
import { checkConnect } from './connect/check-connect.ts';
import { renderConnect } from './connect/render-connect.ts';

export type CheckOptions = SharedOptions & { readonly connect?: boolean };

export async function checkConfig(context: CommandContext, options: CheckOptions): Promise<number> {
  const loaded = loadConfig(options.config);
  if (!loaded.ok) {
    print(context, options, { json: { valid: false, problems: loaded.error }, text: formatProblems(loaded.error) });
    return loaded.error.some((problem) => problem.code === 'ONEUP_NO_FENCE_LADDER') ? 4 : 1;
  }
  const { warnings, digest, config } = loaded.value;
  const counts = `${count(config.cluster.probers, 'prober')}, ${count(config.services, 'service')}`;
  const text = [`${options.config} is valid: ${counts}, digest ${digest.slice(0, 12)}`];
  if (warnings.length > 0) text.push(formatProblems(warnings));
  const connected = options.connect === true ? await checkConnect(context, options, loaded.value) : null;
  if (connected !== null) text.push(renderConnect(connected));
  const json = { valid: true, digest, warnings, ...(connected === null ? {} : { connected }) };
  print(context, options, { json, text: text.join('\n') });
  return connected === null || connected.inOrder ? 0 : 1;
}

function count({ length }: readonly unknown[], what: string): string {
  return `${length} ${what}${length === 1 ? '' : 's'}`;
}
