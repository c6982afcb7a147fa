// Options that every command has, so that they are spelled and explained once.
import type { Command } from 'commander';

export function withShared(command: Command): Command {
  return command
    .option('-c, --config <file>', 'configuration file', 'oneup.yaml')
    .option('--socket <path>', 'socket of the prober to ask (default: those of the configuration)')
    .option('--json', 'print one JSON document');
}

/** Shown at the end of the command's help. */
export function withExamples(command: Command, ...examples: readonly string[]): Command {
  const title = examples.length === 1 ? 'Example' : 'Examples';
  return command.addHelpText('after', `\n${title}:\n${examples.map((line) => `  ${line}`).join('\n')}`);
}
