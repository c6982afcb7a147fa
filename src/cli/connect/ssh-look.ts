// The shell script that looks at a node over ssh without changing anything: whether the guard would find its programs and
// could write its state, and whether the commands of the actions are there. POSIX shell, as the guard is.
import { quoteWord } from '../../nodes/ssh/quote-word.ts';

export type LookedCommand = {
  readonly file: string /** PATH of the action's own env, or null. */;
  readonly path: string | null;
};

export function sshLookScript(stateDir: string, commands: readonly LookedCommand[]): string {
  const asked = commands.map(({ file, path }) => {
    const within = path === null ? '' : `PATH=${quoteWord(path)}; `;
    return `(${within}command -v -- ${quoteWord(file)} >/dev/null 2>&1) || echo ${quoteWord(`oneup1 command ${file}`)}\n`;
  });
  return `{
p=${quoteWord(stateDir)}
while [ -n "$p" ] && [ ! -e "$p" ]; do p=\${p%/*}; done
[ -n "$p" ] || p=/
[ -d "$p" ] && [ -w "$p" ] && [ -x "$p" ] || echo "oneup1 dir $p"
for program in flock setsid sync mkfifo; do
  command -v "$program" >/dev/null 2>&1 || echo "oneup1 program $program"
done
[ -r /proc/sys/kernel/random/boot_id ] || echo 'oneup1 proc'
${asked.join('')}echo 'oneup1 looked'
exit 0
}
`;
}

export type SshLook = {
  /** The script came to its end. */
  readonly isWhole: boolean;
  /** What stands in the way, in words. */
  readonly faults: readonly string[];
};

/** Whatever a login shell says before is left out. */
export function readSshLook(stdout: string, stateDir: string): SshLook {
  const lines = stdout.split('\n').filter((line) => line.startsWith('oneup1 '));
  const faults = lines.flatMap((line) => {
    const [, word = '', ...rest] = line.split(' ');
    return describe(word, rest.join(' '), stateDir);
  });
  return { isWhole: lines.includes('oneup1 looked'), faults };
}

function describe(word: string, rest: string, stateDir: string): readonly string[] {
  switch (word) {
    case 'command':
      return [`there is no executable ${rest} on the node`];
    case 'dir':
      return [`the state directory ${stateDir} cannot be written: ${rest} is closed to the user of the action`];
    case 'program':
      return [`the node has no program ${rest}, which the guard needs`];
    case 'proc':
      return ['the node has no /proc of Linux, which the guard needs'];
    default:
      return [];
  }
}
