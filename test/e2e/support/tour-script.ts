// Takes the tour out of the README and makes it a script for this machine. The rule is the whole of REPLACED: addresses, ports,
// the user and the folders of the README become those of the test; every other letter is run as a reader would type it.
// Fences say what a block is: `sh` is run, in order; `file=NAME` is written to a file where it stands; `by-hand` is left to the
// test, which lets the key in as ssh-copy-id would.
import { type FencedBlock, fencedBlocks } from '../../support/docs/markdown-blocks.ts';

export type TourWorld = {
  /** The folder of the tour, beside which the README stands in the repository. */
  readonly folder: string;
  readonly serverFolder: string;
  readonly addresses: { readonly a: string; readonly b: string };
  readonly user: string;
  readonly sshPort: number;
  readonly httpPort: number;
  readonly dnsPorts: readonly [number, number, number];
};

const HEADING = '## A tour on your own two servers';
/** Printed before a block with its number, and after it with its exit code. */
const MARK = '=====';

export function tourBlocks(readme: string): readonly FencedBlock[] {
  const start = readme.indexOf(HEADING);
  if (start < 0) throw new Error(`Cannot find the tour: README.md has no heading "${HEADING}"`);
  const end = readme.indexOf('\n## ', start + HEADING.length);
  return fencedBlocks(readme.slice(start, end));
}

/** One bash script; `letIn` is a command in place of the blocks that are done by hand. */
export function tourScript(blocks: readonly FencedBlock[], world: TourWorld, letIn: string): string {
  const replace = replacer(world);
  const parts = blocks.map((block, index) => {
    const text = replace(block.text);
    const file = block.marks.find((mark) => mark.startsWith('file='))?.slice('file='.length);
    if (file !== undefined) return `cat > ${file} <<'END OF FILE'\n${text}END OF FILE\n`;
    const body = block.marks.includes('by-hand') ? `${letIn}\n` : text;
    return `echo "${MARK} begin ${index}"\n${body}echo "${MARK} end $?"\n`;
  });
  return `shopt -s expand_aliases\ntrap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n${parts.join('')}`;
}

function replacer(world: TourWorld): (text: string) => string {
  const [first, second, third] = world.dnsPorts;
  const replaced: readonly (readonly [from: string, to: string])[] = [
    ['192.0.2.21', world.addresses.a],
    ['192.0.2.22', world.addresses.b],
    ['../oneup-tour', world.folder],
    ['/srv/oneup-tour', world.serverFolder],
    ['User deploy', `User ${world.user}`],
    ['Port 22\n', `Port ${world.sshPort}\n`],
    ['-p 22 ', `-p ${world.sshPort} `],
    ['8080', String(world.httpPort)],
    ['5301', String(first)],
    ['5302', String(second)],
    ['5303', String(third)],
  ];
  return (text) => replaced.reduce((changed, [from, to]) => changed.replaceAll(from, to), text);
}

export type BlockRun = { readonly exitCode: number; readonly output: string };

/** What each block that was run printed, in order; a block that never ended has exit code -1. */
export function readTranscript(transcript: string): readonly BlockRun[] {
  return transcript
    .split(new RegExp(`^${MARK} begin \\d+\\n`, 'm'))
    .slice(1)
    .map((text) => {
      const [output = '', code] = text.split(`${MARK} end `);
      return { exitCode: code === undefined ? -1 : Number.parseInt(code, 10), output };
    });
}
