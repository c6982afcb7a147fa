// A counterexample for people: the statements of spin's replay, each with the process that takes it and its line in the
// model, without the set-up and without the branches that decide nothing.

const START = /^\s*Starting (\w+) with pid \d+$/;
const STEP = /^\s*(\d+):\s+proc\s+(\d+) \((\w+):\d+(?::\d+)?\) failover\.pml:(\d+) \(state \d+\)\s+\[(.*)\]$/;
const CYCLE = /^\s*<<<<<START OF CYCLE>>>>>$/;
/** Time is process 0 and init process 1. Where a process starts, spin prints another number than in the steps. */
const FIRST_STARTED = 2;
const BRANCHES: ReadonlySet<string> = new Set(['else', '(1)', '.(goto)']);

/** As in the model: nodes count from 0, everything else from 1. */
export function formatReplay(text: string): string {
  const names = new Map<string, string>();
  const started = new Map<string, number>();
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const kind = START.exec(line)?.[1];
    if (kind !== undefined) {
      const index = started.get(kind) ?? (kind === 'Node' ? 0 : 1);
      started.set(kind, index + 1);
      names.set(String(FIRST_STARTED + names.size), `${kind} ${index}`);
    }
    if (CYCLE.test(line)) lines.push('      from here on for ever:');
    const [, number = '', process = '', name = '', source = '', statement = ''] = STEP.exec(line) ?? [];
    if (number === '' || BRANCHES.has(statement)) continue;
    lines.push(
      `${number.padStart(4)}  ${(names.get(process) ?? name).padEnd(12)}  line ${source.padEnd(3)}  ${statement}`,
    );
  }
  return lines.join('\n');
}
