// Reads the small paths of JSON checks: names with dots between them and places in lists in brackets, `checks[0].status`.
import { err, ok, type Result } from '../base/result.ts';

const PARTS_MAX = 16;
const PART = /^(?:\[(\d{1,6})\]|(\.?)([^.[\]]+))/;

/** The error is a reason, such as "expected ...". */
export function parseJsonPath(text: string): Result<readonly (string | number)[], string> {
  const parts: (string | number)[] = [];
  for (let rest = text; rest !== ''; ) {
    const [whole, index, dot, name] = PART.exec(rest) ?? [];
    const isDotted = dot === '.';
    if (whole === undefined || (name !== undefined && isDotted !== parts.length > 0)) {
      return err('expected names with dots and places in brackets, such as checks[0].status');
    }
    parts.push(index === undefined ? (name ?? '') : Number(index));
    rest = rest.slice(whole.length);
  }
  return parts.length <= PARTS_MAX ? ok(parts) : err(`expected at most ${PARTS_MAX} parts`);
}
